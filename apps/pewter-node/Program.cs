using Pewter.Apps.Node;
using Pewter.Apps.Node.Boot;
using Pewter.Linux;

// The kernel starts process 1 of a machine with whatever it did not understand of its own command line.
if (Environment.ProcessId == 1 && args is not ["cell", ..])
{
    args = ["init"];
}

if (args.Length == 0 || args[0] is "-h" or "--help" or "help")
{
    StandardStreams.Print(AgentArguments.Usage);
    return args.Length == 0 ? 2 : 0;
}

try
{
    return args[0] switch
    {
        "host" => Guardian.Run(AgentArguments.Parse(args[1..])),
        "worker" => await HostMode.RunAsync(AgentArguments.Parse(args[1..])),
        "cell" => await CellMode.RunAsync(args[1..]),
        "init" => await InitMode.RunAsync(),
        "guest" => await GuestMode.RunAsync(),
        "install" => Installer.Run(args[1..]),
        RootKeeper.Mode => RootKeeper.Run(args[1..]),
        "stdio" => await StdioMode.RunAsync(AgentArguments.Parse(args[1..])),
        _ => throw new ArgumentException($"There is no mode '{args[0]}'.\n{AgentArguments.Usage}"),
    };
}
catch (Exception failure) when (failure is ArgumentException or LinuxException or IOException or UnauthorizedAccessException)
{
    StandardStreams.Complain(failure.Message);
    return 1;
}
