using System.Buffers;
using System.Text;
using Pewter.Configuration;
using Pewter.Tree;

namespace Pewter.Daemon;

/// <summary>Writes <c>/status</c>: a line of the daemon, and one of each service.</summary>
internal static class RootStatus
{
    public static string Render(DaemonHost daemon)
    {
        var buffer = new ArrayBufferWriter<byte>();
        new Logfmt(buffer).Path("/")
            .Pair("state", daemon.IsStopping ? "stopping" : "ready")
            .Pair("name", daemon.Model.Name)
            .Pair("pid", Environment.ProcessId)
            .Pair("uptime", Duration.Format(daemon.Uptime))
            .Pair("version", DaemonHost.Version)
            .Pair("events", daemon.LastEvent)
            .Pair("memory", Environment.WorkingSet)
            .Pair("store", daemon.Model.PostgresConnection is null ? "sqlite" : "postgresql")
            .End();
        foreach (var service in daemon.Services)
        {
            var line = new Logfmt(buffer).Path("/" + service.Name).Pair("kind", "service");
            foreach (var (key, value) in service.Status())
            {
                line.Pair(key, value);
            }

            line.End();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
