using Pewter.Blocks.Benchmarks.Iscsi;

return args switch
{
    [IscsiServeCommand.Name, .. string[] rest] => await IscsiServeCommand.RunAsync(rest),
    _ => 0,
};
