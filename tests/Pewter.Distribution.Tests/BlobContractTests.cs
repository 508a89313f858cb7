using Pewter.NineP.Serving;
using Pewter.Sdk;
using Pewter.Testing;
using Pewter.Testing.Conformance;
using static Pewter.Distribution.Tests.Machine;

namespace Pewter.Distribution.Tests;

public sealed class BlobContractTests
{
    [Fact]
    public async Task The_subtree_holds_to_the_contract_of_the_tree()
    {
        await using var machine = await StartAsync();
        using var files = new TemporaryDirectory();
        await File.WriteAllTextAsync(files["tool"], "#!/bin/sh\n", Token);
        await machine.Files().PushAsync([files["tool"]], Token);
        await PewterClient.Over(machine.As(Ann)).Files.PushAsync([files["tool"]], Token);
        await TreeConformance.CheckAsync(machine.Root, "/blob", new() { Caller = Caller.System });
    }
}
