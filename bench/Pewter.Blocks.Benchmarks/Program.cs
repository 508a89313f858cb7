using Pewter.Blocks.Benchmarks.Iscsi;
using Pewter.Blocks.Benchmarks.Nbd;

return args switch
{
    [IscsiServeCommand.Name, .. string[] rest] => await IscsiServeCommand.RunAsync(rest),
    [OwnServer.Name, .. string[] rest] => await OwnServer.RunAsync(rest),
    _ => await NbdCommand.RunAsync(args),
};
