using Pewter.Blocks.Benchmarks.Iscsi;
using Pewter.Blocks.Benchmarks.Nbd;

switch (args)
{
    case [IscsiServeCommand.Name, .. string[] rest]:
        return await IscsiServeCommand.RunAsync(rest);
    case [OwnServer.Name, .. string[] rest]:
        return await OwnServer.RunAsync(rest);
    default:
        // The part iscsi may be followed by one of its rows, such as iscsi read4k.c4d8.
        int code = args.Contains("iscsi") ? 0 : await NbdCommand.RunAsync(args);
        string[] parts = [.. args.Where(a => !a.StartsWith('-'))];
        if (parts.Length == 0 || parts[0] == "iscsi")
            IscsiBenchmarks.Run(args.Contains("--quick"), parts.ElementAtOrDefault(1) ?? "");
        return code;
}
