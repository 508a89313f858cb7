using System.Text;
using Pewter.NineP;
using Pewter.NineP.Serving;

namespace Pewter.Testing.Conformance;

/// <summary>Plain files: sizes, blocking reads and what their names promise.</summary>
internal static class FileChecks
{
    private const int MostBytes = 1 << 20;

    public static async Task RunAsync(ConformanceVisit visit, string path, ServedFile file, FileStat stat)
    {
        var client = visit.Client;
        await visit.RequireRefusalAsync(path, "a walk from a file", async () => await file.WalkAsync("x", client.Caller, default), Errno.ENOTDIR);
        await visit.RequireRefusalAsync(path, "an open as a directory", async () => await client.OpenAsync(path, OpenFlags.Directory), Errno.ENOTDIR);
        var name = path[(path.LastIndexOf('/') + 1)..];
        if (name is "ctl" or "clone" or "events" or "wait" or "status")
        {
            visit.Require(stat.Size == 0, path, $"reports the size {stat.Size}, but is made as it is read");
        }

        switch (name)
        {
            case "clone":
                await ContractChecks.CloneAsync(visit, path);
                break;
            case "ctl":
                await ContractChecks.CtlAsync(visit, path, file);
                break;
            case "events":
                await ContractChecks.EventsAsync(visit, path);
                break;
            case "wait":
                await ContractChecks.WaitAsync(visit, path);
                break;
            default:
                await ReadAsync(visit, path, name, stat);
                break;
        }
    }

    /// <summary>A read that has to wait ends soon when it is cancelled, and has then consumed nothing.</summary>
    public static async Task CancelAsync(ConformanceVisit visit, string path, OpenFile open)
    {
        using var cancel = new CancellationTokenSource();
        var read = open.ReadAsync(0, new byte[4096], cancel.Token).AsTask();
        await cancel.CancelAsync();
        try
        {
            await read.WaitAsync(visit.Options.Patience);
        }
        catch (OperationCanceledException)
        {
            return;
        }
        catch (TimeoutException)
        {
            visit.Complain(path, "a cancelled read goes on");
        }
    }

    private static async Task ReadAsync(ConformanceVisit visit, string path, string name, FileStat stat)
    {
        if ((stat.Mode & 0x124) == 0)
        {
            return;
        }

        await using var handle = await visit.Client.OpenAsync(path);
        var content = new List<byte>();
        var buffer = new byte[8192];
        while (content.Count < MostBytes)
        {
            using var patience = new CancellationTokenSource(visit.Options.Patience / 10);
            try
            {
                var count = await handle.ReadAsync(buffer, patience.Token);
                content.AddRange(buffer.AsSpan(0, count));
                if (count == 0)
                {
                    break;
                }
            }
            catch (OperationCanceledException)
            {
                visit.Require(stat.Size == 0, path, $"reports the size {stat.Size} and blocks");
                return;
            }
        }

        visit.Require(stat.Size == 0 || stat.Size == (ulong)content.Count, path, $"reports the size {stat.Size} and has {content.Count} bytes");
        var text = Encoding.UTF8.GetString([.. content]);
        if (name == "status")
        {
            await ContractChecks.StatusAsync(visit, path, text);
        }
        else if (name == "json")
        {
            ContractChecks.Json(visit, path, text);
        }
    }
}
