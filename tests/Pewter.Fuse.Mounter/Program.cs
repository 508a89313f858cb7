using Pewter.Fuse;
using Pewter.NineP.Serving;
using Pewter.Testing.Serving;

// Mounts a small tree for tests that need a server of another user, or one that can be killed. Ends when its input does.
var root = new MemoryDirectory();
root.Add("status", new MemoryText("/ state=ready\n"));
root.Add("ctl", new MemoryCtl());
var events = root.Add("events", new MemoryEvents());
events.Append("first");
try
{
    await using var mount = await FuseMount.MountAsync(args[0], root, new FuseMountOptions { CallerOf = (_, _) => Caller.System });
    Console.WriteLine("mounted");
    await Console.In.ReadToEndAsync();
    return 0;
}
catch (IOException failure)
{
    Console.Error.WriteLine(failure.Message);
    return 1;
}
