using System.Globalization;
using Pewter.Sdk;

namespace MonteCarlo;

/// <summary>
/// Spawns a printer here and workers over the nodes, some at once until enough jobs are done, and gives the printer what each worker found. It is written as
/// such a program is for one machine; nothing in it is about networks.
/// </summary>
internal static class MainProgram
{
    private const int AtOnce = 8;

    /// <summary>Takes the number of jobs and the points of each; both may be left out.</summary>
    public static int Run(string[] arguments)
    {
        var jobs = arguments.Length > 0 ? int.Parse(arguments[0], CultureInfo.InvariantCulture) : 2 * AtOnce;
        var points = arguments.Length > 1 ? arguments[1] : "10000000";
        var self = Environment.ProcessPath!;
        var client = Blocking.Connect();

        var printer = client.Spawn(new SpawnSpec(self, "printer") { KeepOutput = true });
        using (var results = printer.OpenInput())
        {
            for (var done = 0; done < jobs;)
            {
                var count = Math.Min(AtOnce, jobs - done);

                // Each worker of a batch knows its index; the batch is told apart by the seed.
                var worker = new SpawnSpec(self, "worker", points, done.ToString(CultureInfo.InvariantCulture)) { Query = "state=ready" };
                var batch = client.SpawnMany(count, worker);
                while (batch.WaitAny() is { } ended)
                {
                    if (!ended.Exit!.IsSuccess)
                    {
                        Console.Error.WriteLine($"a worker on {ended.Node} {ended.Exit}: {ended.ReadErrors()}");
                        batch.Kill();
                        return 1;
                    }

                    results.Write(System.Text.Encoding.ASCII.GetBytes(ended.ReadOutput()));
                    done++;
                }

                batch.Close();
            }
        }

        Console.Write(printer.ReadOutput());
        var code = printer.Wait().ShellCode;
        printer.Close();
        client.Close();
        return code;
    }
}
