using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Pewter.Hosting;
using Pewter.Networks.Plane.Dhcp;

namespace Pewter.Networks.Plane;

/// <summary>
/// The program <c>pewter-netd</c>: serves every segment for which there is a plan, from its start on and whether or not the daemon lives. The daemon
/// tells it by a socket which plan is another: <c>apply ID</c>, <c>remove ID</c>, <c>ping</c>; each is answered by a
/// line, <c>ok</c> or what is wrong.
/// </summary>
public sealed class PlaneProgram : IAsyncDisposable
{
    private readonly Dictionary<string, SegmentServer> _segments = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _gate = new(1);
    private readonly PlaneFiles _files;
    private readonly TextWriter _log;
    private readonly TimeProvider _time;

    private PlaneProgram(PlaneFiles files, TextWriter log, TimeProvider time) => (_files, _log, _time) = (files, log, time);

    /// <summary>Runs until it is cancelled.</summary>
    /// <param name="directory">Plans and leases.</param>
    /// <param name="run">Where the socket is.</param>
    /// <param name="log">What happens, a line each.</param>
    /// <param name="time">The clock.</param>
    /// <param name="stop">Ends it.</param>
    public static async Task RunAsync(string directory, string run, TextWriter log, TimeProvider time, CancellationToken stop)
    {
        var files = new PlaneFiles(directory, run);
        files.Prepare();
        await using var program = new PlaneProgram(files, log, time);
        foreach (var plan in Directory.EnumerateFiles(files.Plans, "*.json"))
        {
            await program.AnswerAsync($"apply {Path.GetFileNameWithoutExtension(plan)}");
        }

        // Listening last: who connects finds everything served.
        File.Delete(files.Socket);
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(files.Socket));
        File.SetUnixFileMode(files.Socket, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        listener.Listen();
        await StreamLoop.RunAsync(listener, program.ServeAsync, new PlaneLog(log, "control", time), stop);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var server in _segments.Values)
        {
            await server.DisposeAsync();
        }

        _gate.Dispose();
    }

    private async Task ServeAsync(Socket client, CancellationToken stop)
    {
        await using var stream = new NetworkStream(client);
        using var reader = new StreamReader(stream);
        while (await reader.ReadLineAsync(stop) is { } line)
        {
            await stream.WriteAsync(Encoding.UTF8.GetBytes(await AnswerAsync(line) + "\n"), stop);
        }
    }

    private async Task<string> AnswerAsync(string line)
    {
        await _gate.WaitAsync();
        try
        {
            switch (line.Split(' '))
            {
                case ["ping"]:
                    return "ok";
                case ["apply", var id]:
                    await ApplyAsync(id);
                    return "ok";
                case ["remove", var id]:
                    await RemoveAsync(id);
                    return "ok";
                default:
                    return $"there is no '{line}'";
            }
        }
        catch (Exception failure) when (ServiceFailure.IsExpected(failure) || failure is SocketException or JsonException or FormatException)
        {
            new PlaneLog(_log, "control", _time).Tell($"{line}: {failure.Message}");
            return failure.Message.ReplaceLineEndings(" ");
        }
        finally
        {
            _gate.Release();
        }
    }

    private async Task ApplyAsync(string id)
    {
        var plan = JsonSerializer.Deserialize(await File.ReadAllBytesAsync(_files.Plan(id)), PlaneJson.Default.SegmentPlan)
            ?? throw new JsonException($"The plan of {id} is empty.");
        var log = new PlaneLog(_log, id, _time);
        if (_segments.TryGetValue(id, out var server))
        {
            var was = server.Plan;
            if (was.NamespaceNumber == plan.NamespaceNumber && was.Namespace == plan.Namespace && was.Gateway == plan.Gateway)
            {
                server.Swap(plan);
                return;
            }

            _segments.Remove(id);
            await server.DisposeAsync();
        }

        _segments.Add(id, SegmentServer.Start(plan, LeaseBook.Open(_files.Leases(id)), log, _time));
        log.Tell($"serving {plan.Cidr} at {plan.Gateway} in {plan.Namespace}");
    }

    private async Task RemoveAsync(string id)
    {
        if (_segments.Remove(id, out var server))
        {
            await server.DisposeAsync();
        }
    }
}
