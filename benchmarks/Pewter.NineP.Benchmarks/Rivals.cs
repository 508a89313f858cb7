using System.Diagnostics;
using System.Globalization;

namespace Pewter.NineP.Benchmarks;

/// <summary>Both servers, each behind a Unix socket in a directory of our own.</summary>
internal sealed class Rivals : IDisposable
{
    private readonly string _directory;

    private Rivals(string directory)
    {
        _directory = directory;
        Export = Path.Combine(directory, "export");
        Directory.CreateDirectory(Export);
        File.WriteAllBytes(Path.Combine(Export, "file"), new byte[4096]);
        Ours = new Server("ours", Path.Combine(directory, "ours"), "root", StartOurs);
        Diod = new Server("diod", Path.Combine(directory, "diod"), Export, StartDiod);
    }

    public string Export { get; }

    public Server Ours { get; }

    public Server Diod { get; }

    public static Rivals Start() => new(Directory.CreateTempSubdirectory($"pw-{Environment.ProcessId}-9p-").FullName);

    public void Dispose()
    {
        Ours.Dispose();
        Diod.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private Process StartOurs(string socket)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { ArgumentList = { "serve", socket } };
        return Process.Start(start)!;
    }

    private Process StartDiod(string socket)
    {
        var start = new ProcessStartInfo("diod")
        {
            ArgumentList = { "-f", "-n", "-N", "-e", Export, "-l", socket, "-L", Path.Combine(_directory, "diod.log") },
        };
        return Process.Start(start)!;
    }

    internal sealed class Server : IDisposable
    {
        private readonly Process _process;

        public Server(string name, string socket, string accessName, Func<string, Process> start)
        {
            Name = name;
            Socket = socket;
            AccessName = accessName;
            _process = start(socket);
            var began = Stopwatch.GetTimestamp();
            while (!File.Exists(socket))
            {
                if (_process.HasExited || Stopwatch.GetElapsedTime(began) > TimeSpan.FromSeconds(20))
                    throw new InvalidOperationException($"{name} did not start");
                _process.WaitForExit(20);
            }
        }

        public string Name { get; }

        public string Socket { get; }

        public string AccessName { get; }

        /// <summary>User and system time it has used, all threads.</summary>
        public TimeSpan CpuTime()
        {
            var fields = File.ReadAllText($"/proc/{_process.Id}/stat").Split(") ")[1].Split(' ');
            var ticks = long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture);
            return TimeSpan.FromMilliseconds(ticks * 10);
        }

        public void Dispose()
        {
            _process.Kill();
            _process.WaitForExit();
            _process.Dispose();
        }
    }
}
