using Pewter.Configuration;
using Pewter.Store;

namespace Pewter.Daemon;

/// <summary>What <c>pewterd</c> does for its arguments: runs, cleans, or says what is wrong.</summary>
internal static class DaemonCommandLine
{
    private const int Failed = 1;
    private const int Usage = 2;

    public static async Task<int> RunAsync(IReadOnlyList<string> arguments)
    {
        try
        {
            var config = DaemonConfig.Read(arguments);
            if (config.IsHelp)
            {
                await Console.Out.WriteAsync(DaemonConfig.Help);
                return 0;
            }

            return config.IsClean ? await Cleaning.RunAsync(config) : await RunAsync(DaemonModel.From(config));
        }
        catch (Exception exception) when (exception is ArgumentException or ConfigurationException)
        {
            await Console.Error.WriteLineAsync($"pewterd: {exception.Message}");
            return Usage;
        }
        catch (Exception exception) when (exception is StoreException or IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync($"pewterd: {exception.Message}");
            return Failed;
        }
    }

    private static async Task<int> RunAsync(DaemonModel model)
    {
        await using var daemon = new DaemonHost(model, TimeProvider.System);
        using var terminate = StopSignal.OnTerminate(daemon.Stop);
        using var interrupt = StopSignal.OnInterrupt(daemon.Stop);
        await daemon.StartAsync();
        return await daemon.RunAsync();
    }
}
