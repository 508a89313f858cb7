using System.Text;
using System.Text.Json;
using Pewter.Mail;
using Pewter.Testing;

namespace Pewter.System.Tests.Mail;

/// <summary><c>pewter mail</c>, <c>pewter name</c> and the files, against one daemon and over two.</summary>
public sealed class MailCommandTests
{
    [Fact]
    public async Task Mailboxes_are_opened_written_read_listed_and_measured_by_the_command_line()
    {
        await using var system = await PewterSystem.UpAsync();
        Assert.Equal("/mail/printer\n", await OutputAsync(system, "mail", "open", "printer", "{8080,1,1}"));
        await OutputAsync(system, "mail", "send", "printer", "hello", "there");
        await OutputAsync(system, "mail", "send", "printer@{8080,1,1}", "again");
        Assert.Equal("hello there\nagain\n", await OutputAsync(system, "mail", "recv", "printer", "-n", "2"));
        await OutputAsync(system, "mail", "open", "ledger", "--durable");
        var boxes = JsonDocument.Parse(await OutputAsync(system, "mail", "ls", "-o", "json")).RootElement.EnumerateArray().ToList();
        Assert.Equal(["volatile", "durable"], boxes.Select(box => box.GetProperty("kind").GetString()));
        Assert.Equal("kept", await OutputAsync(system, "mail", "request", "ledger", "one"));
        Assert.Equal("one", await OutputAsync(system, "mail", "recv", "ledger", "-n", "1"));
        var names = JsonDocument.Parse(await OutputAsync(system, "name", "ls", "type=8080", "-o", "json")).RootElement.EnumerateArray().Single();
        Assert.Equal(("{8080,1}", "same-host"), (names.GetProperty("target").GetString(), names.GetProperty("transport").GetString()));
        Assert.Contains("messages/s", await OutputAsync(system, "mail", "bench", "-n", "2000"), StringComparison.Ordinal);
        var refused = await system.RunAsync("mail", "send", "nobody", "hello");
        Assert.NotEqual(0, refused.ExitCode);
        Assert.Contains("nobody", refused.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Names_and_mailboxes_are_watched_as_they_come_and_go()
    {
        await using var system = await PewterSystem.UpAsync();
        using var names = system.Start(Programs.Pewter, ["name", "watch", "-f", "--since", "0"]);
        using var boxes = system.Start(Programs.Pewter, ["mail", "watch", "-f", "--since", "0"]);
        try
        {
            await OutputAsync(system, "mail", "open", "printer", "{8080,1,1}");
            await SaysAsync(names, "{8080,1}");
            await SaysAsync(boxes, "printer");
        }
        finally
        {
            names.Kill();
            boxes.Kill();
        }
    }

    [Fact]
    public async Task What_is_echoed_into_the_files_of_a_mailbox_comes_out_of_them()
    {
        Assert.SkipUnless(File.Exists("/dev/fuse") && Environment.IsPrivilegedProcess, "skipped, because there is no /dev/fuse");
        await using var system = await PewterSystem.UpAsync();
        var mount = Path.Combine(system.State, "mnt");
        Directory.CreateDirectory(mount);
        await OutputAsync(system, "mount", "--detach", mount);
        try
        {
            await OutputAsync(system, "mail", "open", "printer");
            var shell = await system.ShellAsync($"cd {mount} && (timeout 50 head -n 1 mail/printer/out & echo hello > mail/printer/in; wait)");
            Assert.Equal(("hello\n", ""), (shell.Output, shell.Error));
        }
        finally
        {
            await system.RunProgramAsync("umount", [mount]);
        }
    }

    [Fact]
    public async Task Names_of_one_daemon_are_written_to_from_another()
    {
        await using var machines = await MailMachines.UpAsync();
        var right = await machines.OfficeAsync(machines.Right);
        var printer = right.Open();
        await printer.BindAsync(MailTarget.Parse("printer@{8080,1,1}"));
        await Until.TrueAsync(
            async () => (await machines.Left.ReadAsync("name/query/service=printer/status")).Contains("where=elsewhere", StringComparison.Ordinal),
            "the name is known on the left machine");
        var listed = await machines.Left.RunAsync("name", "ls", "service=printer", "-o", "json");
        Assert.Equal("relayed", JsonDocument.Parse(listed.Output).RootElement[0].GetProperty("transport").GetString());
        var sent = await machines.Left.RunAsync("mail", "send", "printer@{8080,1,1}", "hello");
        Assert.True(sent.ExitCode == 0, sent.Error);
        var message = await printer.ReceiveAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromMinutes(1));
        Assert.Equal("hello\n", Encoding.UTF8.GetString(message.Body.Span));
        var asking = machines.Left.RunAsync("mail", "request", "{8080,1}", "how", "much");
        var request = await printer.ReceiveAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromMinutes(1));
        Assert.Equal("how much", Encoding.UTF8.GetString(request.Body.Span));
        Assert.Equal(RejectReason.None, printer.Reply(request, "5 pages"u8));
        Assert.Equal("5 pages", (await asking).Output);

        // The files of a mailbox are there for who stands at the other machine, by the tree.
        var opened = await machines.Right.RunAsync("mail", "open", "scanner");
        Assert.True(opened.ExitCode == 0, opened.Error);
        var written = await machines.Top.RunAsync("write", "/peer/right/mail/scanner/in", "scan");
        Assert.True(written.ExitCode == 0, written.Error);
        Assert.StartsWith("scan", (await machines.Right.RunAsync("mail", "recv", "scanner", "-n", "1")).Output, StringComparison.Ordinal);
    }

    private static async Task<string> OutputAsync(PewterSystem system, params string[] words)
    {
        var result = await system.RunAsync(words);
        Assert.True(result.ExitCode == 0, $"{string.Join(' ', words)}: {result.Error}");
        return result.Output;
    }

    private static async Task SaysAsync(global::System.Diagnostics.Process process, string word)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (await process.StandardOutput.ReadLineAsync(patience.Token) is { } line)
        {
            if (line.Contains(word, StringComparison.Ordinal))
            {
                return;
            }
        }

        Assert.Fail($"It ended and never said {word}: {await process.StandardError.ReadToEndAsync(patience.Token)}");
    }
}
