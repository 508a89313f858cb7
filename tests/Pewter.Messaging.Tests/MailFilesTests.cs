using System.Text;
using Pewter.Mail;
using Pewter.NineP;
using Pewter.NineP.Serving;
using Pewter.Store;
using Pewter.Testing;
using Pewter.Testing.Conformance;

namespace Pewter.Messaging.Tests;

public sealed class MailFilesTests
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task The_subtrees_keep_the_contract_of_the_tree()
    {
        using var directory = new TemporaryDirectory();
        await using var house = await MailHouse.StartAsync(directory);
        await house.Tree.CommandAsync("/mail/ctl", ["open", "printer", "{8080,1}"]);
        await TreeConformance.CheckAsync(house.Root);
    }

    [Fact]
    public async Task What_is_echoed_into_a_mailbox_comes_out_of_it()
    {
        using var directory = new TemporaryDirectory();
        await using var house = await MailHouse.StartAsync(directory);
        await house.Tree.CommandAsync("/mail/ctl", ["open", "printer", "{8080,1,1}"]);
        await house.Tree.WriteTextAsync("/mail/printer/in", "hello\n");
        await house.Tree.CommandAsync("/mail/ctl", ["send", "{8080,1}", "how", "are", "you"]);
        Assert.Equal(["hello\n", "how are you\n"], await ReadAsync(house, "/mail/printer/out", 2));
        Assert.Contains("bound=\"printer {8080,1}\"", await house.Tree.ReadTextAsync("/mail/printer/status"), StringComparison.Ordinal);
        Assert.Contains("target={8080,1}", await house.Tree.ReadTextAsync("/name/query/type=8080/status"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Programs_and_files_meet_under_one_name()
    {
        using var directory = new TemporaryDirectory();
        await using var house = await MailHouse.StartAsync(directory);
        await using var program = await PostOffice.AttachAsync(house.Socket);
        var scanner = program.Open();
        await scanner.BindAsync(MailTarget.Parse("scanner"));
        await Until.TrueAsync(() => house.Tree.ListAsync("/mail").AsTask().Result.Contains("scanner"), "the program's mailbox is a directory");
        await house.Tree.WriteTextAsync("/mail/scanner/in", "scan\n");
        Assert.Equal("scan\n", Encoding.UTF8.GetString((await scanner.ReceiveAsync().AsTask().WaitAsync(Long)).Body.Span));
        Assert.Contains("transport=shared-memory", await house.Tree.ReadTextAsync("/mail/scanner/status"), StringComparison.Ordinal);
        await house.Tree.CommandAsync("/mail/ctl", ["open", "printer"]);
        await scanner.SendAsync(MailTarget.Parse("printer"), "page"u8.ToArray());
        Assert.Equal(["page"], await ReadAsync(house, "/mail/printer/out", 1));
        scanner.Dispose();
        await Until.TrueAsync(() => !house.Tree.ListAsync("/mail").AsTask().Result.Contains("scanner"), "it goes with the program");
    }

    [Fact]
    public async Task What_a_durable_mailbox_has_taken_is_there_after_a_kill_and_what_was_read_is_not()
    {
        var disk = new MemoryDisk();
        using var directory = new TemporaryDirectory();
        var house = await MailHouse.StartAsync(directory, disk);
        await house.Tree.CommandAsync("/mail/ctl", ["open", "ledger", "{9,9}"]);
        await house.Tree.CommandAsync("/mail/ledger/ctl", ["durable"]);
        await using (var program = await PostOffice.AttachAsync(house.Socket))
        {
            var answer = await program.Open().RequestAsync(MailTarget.Parse("ledger"), "one"u8.ToArray(), Long);
            Assert.Equal("kept", Encoding.UTF8.GetString(answer.Body.Span));
        }

        await house.Tree.WriteTextAsync("/mail/ledger/in", "two");
        await house.Tree.WriteTextAsync("/mail/ledger/in", "three");
        Assert.Equal(["one"], await ReadAsync(house, "/mail/ledger/out", 1));
        await house.DisposeAsync();
        await using var again = await MailHouse.StartAsync(directory, disk);
        Assert.Equal(["two", "three"], await ReadAsync(again, "/mail/ledger/out", 2));
        await again.Tree.WriteTextAsync("/mail/ledger/in", "four");
        Assert.Equal(["four"], await ReadAsync(again, "/mail/ledger/out", 1));
        Assert.Contains("kind=durable", await again.Tree.ReadTextAsync("/mail/ledger/status"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_watch_of_names_is_an_object_that_tells_them_coming_and_going_and_the_end_of_its_time()
    {
        using var directory = new TemporaryDirectory();
        await using var house = await MailHouse.StartAsync(directory);
        await using var clone = await house.Tree.OpenAsync("/name/clone", OpenFlags.ReadWrite);
        var buffer = new byte[4096];
        var id = Encoding.UTF8.GetString(buffer, 0, await clone.ReadAsync(buffer)).Trim();
        await using var events = await house.Tree.OpenAsync($"/name/{id}/events", OpenFlags.ReadOnly);
        await house.Tree.CommandAsync($"/name/{id}/ctl", ["watch", "{8080,1}"]);
        await house.Tree.CommandAsync("/mail/ctl", ["open", "printer", "{8080,1,1}"]);
        await house.Tree.CommandAsync("/mail/printer/ctl", ["close"]);
        await house.Tree.CommandAsync($"/name/{id}/ctl", ["watch", "{8080,1}", "timeout=10ms"]);
        foreach (var word in (string[])["up", "down", "timeout"])
        {
            var line = await events.ReadLineAsync().AsTask().WaitAsync(Long);
            Assert.Contains($"\"event\":\"{word}\"", line, StringComparison.Ordinal);
            Assert.Contains("{8080,1}", line, StringComparison.Ordinal);
        }

        Assert.Contains("kind=watch target={8080,1}", await house.Tree.ReadTextAsync($"/name/{id}/status"), StringComparison.Ordinal);
        Assert.Equal(Errno.EINVAL, (await Assert.ThrowsAsync<FileException>(
            async () => await house.Tree.CommandAsync($"/name/{id}/ctl", ["watch", "1:2:3"]))).Errno);
    }

    [Fact]
    public async Task A_grant_is_there_after_a_restart_until_it_is_revoked()
    {
        var disk = new MemoryDisk();
        using var directory = new TemporaryDirectory();
        var house = await MailHouse.StartAsync(directory, disk);
        await house.Tree.CommandAsync("/mail/ctl", ["grant", "printer", "lab"]);
        await house.DisposeAsync();
        house = await MailHouse.StartAsync(directory, disk);
        await house.Tree.CommandAsync("/mail/ctl", ["revoke", "printer", "lab"]);
        await house.DisposeAsync();
        await using var again = await MailHouse.StartAsync(directory, disk);
        Assert.Equal(Errno.ENOENT, (await Assert.ThrowsAsync<FileException>(
            async () => await again.Tree.CommandAsync("/mail/ctl", ["revoke", "printer", "lab"]))).Errno);
    }

    [Fact]
    public async Task What_cannot_be_done_is_told_with_an_errno_and_a_sentence()
    {
        using var directory = new TemporaryDirectory();
        await using var house = await MailHouse.StartAsync(directory);
        Assert.Equal(Errno.EHOSTUNREACH, await ErrnoAsync(house, "send nobody hello"));
        Assert.Equal(Errno.EINVAL, await ErrnoAsync(house, "send a/b/c hello"));
        await house.Tree.CommandAsync("/mail/ctl", ["open", "printer"]);
        Assert.Equal(Errno.EEXIST, await ErrnoAsync(house, "open printer"));
        await house.Tree.CommandAsync("/mail/printer/ctl", ["bind", "{7,7}", "exclusive"]);
        Assert.Equal(Errno.EADDRINUSE, await ErrnoAsync(house, "open other {7,7}"));
        Assert.DoesNotContain("other", await house.Tree.ListAsync("/mail"));
    }

    private static async Task<Errno> ErrnoAsync(MailHouse house, string line) =>
        (await Assert.ThrowsAsync<FileException>(async () => await house.Tree.CommandAsync("/mail/ctl", line.Split(' ')))).Errno;

    private static async Task<List<string>> ReadAsync(MailHouse house, string path, int count)
    {
        var all = new List<string>();
        await using var open = await house.Tree.OpenAsync(path, OpenFlags.ReadOnly);
        var buffer = new byte[4096];
        while (all.Count < count)
            all.Add(Encoding.UTF8.GetString(buffer, 0, await open.ReadAsync(buffer).AsTask().WaitAsync(Long)));
        return all;
    }
}
