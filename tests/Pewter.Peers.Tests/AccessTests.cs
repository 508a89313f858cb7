using Pewter.NineP;
using Pewter.NineP.Serving;
using Pewter.Peers.Identity;
using Pewter.Tree;

namespace Pewter.Peers.Tests;

/// <summary>What a caller of the parent may do on a child: what the child says.</summary>
public sealed class AccessTests
{
    private const string SecretText = "only root may read this";

    [Fact]
    public async Task A_user_has_on_a_child_what_is_the_users_there_and_nothing_of_roots()
    {
        await using var top = await Daemon.StartAsync("top");
        await using var leaf = await StartLeafAsync(top, PeerTrust.Users);
        leaf.Add(Callers.Ann, "red");
        leaf.Add(Caller.System, "grey");
        await top.As(Callers.Ann).CommandAsync("/peer/leaf/node/n1/ctl", ["paint", "green"]);
        Assert.Equal("green", leaf.Things.Find("n1")!.Item.Color);
        await RefusedAsync(top.As(Callers.Bob), "/peer/leaf/node/n1/ctl", ["paint", "blue"]);
        await RefusedAsync(top.As(Callers.Ann), "/peer/leaf/node/n2/ctl", ["paint", "blue"]);
        await DeniedAsync(top.As(Callers.Ann));
        await DeniedAsync(top.As(Callers.FalseRoot));
        await RefusedAsync(top.As(Callers.FalseRoot), "/peer/leaf/node/n2/ctl", ["paint", "blue"]);
        await RefusedAsync(top.As(Callers.Reader), "/peer/leaf/node/n1/ctl", ["paint", "blue"], Errno.EROFS);
    }

    [Fact]
    public async Task An_administrator_of_the_parent_is_none_on_a_child_that_does_not_say_so()
    {
        await using var top = await Daemon.StartAsync("top");
        await using var leaf = await StartLeafAsync(top, PeerTrust.Users);
        await DeniedAsync(top.As(Caller.System));
        await using var open = await StartLeafAsync(top, PeerTrust.Admins, "open");
        Assert.Equal(SecretText + "\n", await top.As(Caller.System).ReadTextAsync("/peer/open/secret"));
        await Assert.ThrowsAsync<FileException>(async () => await top.As(Callers.FalseRoot).ReadTextAsync("/peer/open/secret"));
    }

    [Fact]
    public async Task Guests_are_others_than_those_of_the_child_and_nobody_only_reads()
    {
        await using var top = await Daemon.StartAsync("top");
        await using var leaf = await StartLeafAsync(top, PeerTrust.Guests);
        await using var shy = await StartLeafAsync(top, PeerTrust.Nobody, "shy");
        leaf.Add(Callers.Ann, "red");
        shy.Add(Callers.Ann, "red");
        await RefusedAsync(top.As(Callers.Ann), "/peer/leaf/node/n1/ctl", ["paint", "blue"]);
        var (id, ctl) = await top.As(Callers.Ann).CloneAsync("/peer/leaf/node");
        await using (ctl)
        {
            Assert.Equal("ann@top", leaf.Things.Find(id)!.Owner.User);
        }

        await RefusedAsync(top.As(Callers.Ann), "/peer/shy/node/n1/ctl", ["paint", "blue"], Errno.EROFS);
        Assert.Contains("color=red", await top.As(Callers.Ann).ReadTextAsync("/peer/shy/node/status"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_parents_tree_is_on_the_child_only_when_asked_for_and_only_for_administrators()
    {
        await using var top = await Daemon.StartAsync("top");
        await using var leaf = await Daemon.StartAsync("leaf", top);
        await using var open = await Daemon.StartAsync("open", top, showsParent: true);
        await open.SeenAsync(top);
        await Assert.ThrowsAsync<FileException>(async () => await leaf.As(Caller.System).ReadTextAsync("/parent/version"));
        Assert.Equal("test\n", await open.As(Caller.System).ReadTextAsync("/parent/version"));
        var failure = await Assert.ThrowsAsync<FileException>(async () => await open.As(Callers.Ann).ReadTextAsync("/parent/version"));
        Assert.Equal(Errno.EACCES, failure.Errno);
    }

    [Theory]
    [InlineData("ann", "/,groups=lab:a%2Cb%3Ac")]
    [InlineData("root@top", "/,read=1")]
    public void A_told_caller_comes_over_as_it_is(string user, string accessName)
    {
        var caller = ForwardedCaller.Read(user, accessName);
        Assert.Equal(accessName, ForwardedCaller.AccessName(caller));
        Assert.Equal(user, caller.User);
    }

    [Theory]
    [InlineData("", "/")]
    [InlineData("ann", "/node")]
    [InlineData("ann", "/,token=x")]
    [InlineData("a\nb", "/")]
    public void What_tells_nobody_is_refused(string user, string accessName) =>
        Assert.Equal(Errno.EINVAL, Assert.Throws<FileException>(() => ForwardedCaller.Read(user, accessName)).Errno);

    [Fact]
    public void A_name_that_is_roots_is_roots_only_for_an_administrator_who_is_believed()
    {
        var told = new Caller { User = "root", Groups = ["root", "lab"], IsAdmin = true, Uid = 0, Gid = 0 };
        var user = ForwardedCaller.Admit(told, "top", PeerTrust.Users);
        Assert.Equal(("root@top", false, uint.MaxValue), (user.User, user.IsAdmin, user.Uid));
        Assert.Equal(["lab"], user.Groups);
        var admin = ForwardedCaller.Admit(told, "top", PeerTrust.Admins);
        Assert.Equal(("root", true), (admin.User, admin.IsAdmin));
        var claimed = ForwardedCaller.Admit(told with { IsAdmin = false }, "top", PeerTrust.Admins);
        Assert.Equal(("root@top", false), (claimed.User, claimed.IsAdmin));
    }

    private static async Task<Daemon> StartLeafAsync(Daemon top, PeerTrust trust, string name = "leaf")
    {
        var leaf = await Daemon.StartAsync(name, top, trust: trust);
        leaf.Root.Add("secret", new TextFile(() => SecretText) { Mode = UnixMode.Octal(600) });
        await leaf.SeenAsync(top);
        return leaf;
    }

    private static async Task DeniedAsync(TreeClient client) =>
        Assert.Equal(Errno.EACCES, (await Assert.ThrowsAsync<FileException>(async () => await client.ReadTextAsync("/peer/leaf/secret"))).Errno);

    private static async Task RefusedAsync(TreeClient client, string path, string[] words, Errno errno = Errno.EACCES) =>
        Assert.Equal(errno, (await Assert.ThrowsAsync<FileException>(async () => await client.CommandAsync(path, words))).Errno);
}
