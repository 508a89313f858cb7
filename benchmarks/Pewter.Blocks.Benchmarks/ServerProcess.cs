using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;

namespace Pewter.Blocks.Benchmarks;

/// <summary>A server under test: a process of its own, so that its CPU seconds can be told from the load generator's.</summary>
internal sealed class ServerProcess : IDisposable
{
    private const double TicksPerSecond = 100;
    private readonly Process _process;

    public ServerProcess(string name, string program, IEnumerable<string> arguments, string readySocket)
    {
        Name = name;
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["DOTNET_TieredPGO"] = "1";
        _process = Process.Start(start)!;
        _process.BeginOutputReadLine();
        _process.ErrorDataReceived += (_, e) => Console.Error.WriteLine($"{name}: {e.Data}");
        _process.BeginErrorReadLine();
        var waited = Stopwatch.StartNew();
        while (!Answers(readySocket))
        {
            if (waited.Elapsed > TimeSpan.FromSeconds(20) || _process.HasExited)
                throw new InvalidOperationException($"{name} did not begin to listen on {readySocket}.");
            Thread.Yield();
        }
    }

    public string Name { get; }

    public double CpuSeconds
    {
        get
        {
            string stat = File.ReadAllText($"/proc/{_process.Id}/stat");
            string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return (long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture)) / TicksPerSecond;
        }
    }

    /// <summary>Memory of its own: what it maps of files is the page cache's, which all clones and all servers share.</summary>
    public long ResidentBytes
    {
        get
        {
            string line = File.ReadLines($"/proc/{_process.Id}/status").First(l => l.StartsWith("RssAnon", StringComparison.Ordinal));
            return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024;
        }
    }

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    private static bool Answers(string path)
    {
        try
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            socket.Connect(new UnixDomainSocketEndPoint(path));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
