using Pewter.NineP.Serving;

namespace Pewter.CommandLine.Tests;

public sealed class StorageCommandTests
{
    private const string Debian = """
        {"path":"/image/i1","id":"i1","name":"debian","user":"root","state":"ready","type":"disk","size":2147483648,"disks":1,"public":true,"tags":["lab"]}
        """;

    private const string Frozen = """
        {"path":"/image/i2","id":"i2","name":"frozen","user":"ann","state":"ready","type":"disk","size":2147483648,"parent":"debian","disks":0,"public":false}
        """;

    private const string Web = """
        {"path":"/disk/d1","id":"d1","name":"web","user":"ann","state":"ready","image":"debian","size":2147483648,"nbd":"nbd+unix:///d1?socket=/s"}
        """;

    private readonly CommandTester _pewter = new();
    private readonly List<string> _written = [];

    public StorageCommandTests()
    {
        var images = _pewter.Root.Add(new MemoryDirectory(7, "image"));
        images.Add(new MemoryText(8, "ctl", "", Answer));
        images.Add(new MemoryText(9, "json", $"[{Debian},{Frozen}]\n"));
        images.Add(new MemoryText(10, "quota", "ann 1073741824 4096\ndefault unlimited\n"));
        var debian = images.Add(new MemoryDirectory(11, "debian"));
        debian.Add(new MemoryText(12, "json", Debian));
        debian.Add(new MemoryText(13, "ctl", "", Answer));
        debian.Add(new MemoryText(14, "heat", "0 4096 0\n"));
        var disks = _pewter.Root.Add(new MemoryDirectory(15, "disk"));
        disks.Add(new MemoryText(16, "ctl", "", Answer));
        disks.Add(new MemoryText(17, "json", $"[{Web}]\n"));
        var web = disks.Add(new MemoryDirectory(18, "web"));
        web.Add(new MemoryText(19, "ctl", "", Answer));
        web.Add(new MemoryText(20, "json", Web));
    }

    [Theory]
    [InlineData(
        "image list",
        "IMAGE  NAME    TYPE  SIZE  STATE  PARENT  DISKS  USER  PUBLIC  TAGS\n"
        + "i1     debian  disk  2G    ready          1      root  yes     lab\n"
        + "i2     frozen  disk  2G    ready  debian  0      ann   no\n")]
    [InlineData("image list -o name", "/image/i1\n/image/i2\n")]
    [InlineData("image tree", "debian  2G\n├── frozen  2G\n└── disk web  2G\n")]
    [InlineData("image heat debian", "0 4096 0\n")]
    [InlineData("image quota ann", "ann 1073741824 4096\n")]
    [InlineData("disk create --image debian -n 2 -o name", "/disk/d2\n")]
    [InlineData("disk release web", "/disk/d2\n")]
    [InlineData("disk snapshot web", "IMAGE  NAME   SIZE\ni3     web-3  2G\n")]
    [InlineData("disk snapshot web -o name", "/image/i3\n")]
    public async Task A_command_prints_its_data(string commandLine, string expected)
    {
        var result = await _pewter.RunAsync(commandLine);
        Assert.Equal(("", 0), (result.Messages, result.ExitCode));
        Assert.Equal(expected, result.Output);
    }

    [Theory]
    [InlineData("disk create", "create count=1\n")]
    [InlineData("disk create -i debian -n 32 --size 20G --name web -t lab -t gpu", "create count=32 image=debian size=20G name=web tag=lab,gpu\n")]
    [InlineData("disk clone web -n 4 --name copy", "clone web count=4 name=copy\n")]
    [InlineData("disk snapshot web", "snapshot\n")]
    [InlineData("disk snapshot web frozen", "snapshot frozen\n")]
    [InlineData("disk rollback web frozen", "rollback frozen\n")]
    [InlineData("disk resize web 20G", "resize 20G\n")]
    [InlineData("disk release web --force", "release force\n")]
    [InlineData("disk export web /tmp/web.qcow2", "export /tmp/web.qcow2 format=qcow2\n")]
    [InlineData("image rename debian bookworm", "rename bookworm\n")]
    [InlineData("image rm debian", "remove\n")]
    [InlineData("image protect debian on", "protect on\n")]
    [InlineData("image compose --builtin tiny", "compose tiny\n")]
    [InlineData("image compose lab -p openmpi-bin -p fio --ram --size 4G", "compose packages lab packages=openmpi-bin,fio ram=yes size=4G\n")]
    [InlineData("image import http://mirror/debian.qcow2 --sha256 ab", "import http://mirror/debian.qcow2 debian sha256=ab\n")]
    [InlineData("image import --kernel /boot/vmlinuz --initrd /boot/initrd --name boot", "import-kernel /boot/vmlinuz boot initrd=/boot/initrd\n")]
    [InlineData("image quota ann 2G", "quota ann 2G\n")]
    [InlineData("image quota ann default", "quota ann\n")]
    public async Task A_command_is_a_line_to_a_ctl(string commandLine, string line)
    {
        await _pewter.RunAsync(commandLine);
        Assert.Equal([line], _written);
    }

    [Theory]
    [InlineData("image import")]
    [InlineData("image import -")]
    [InlineData("image compose")]
    [InlineData("image compose --package fio")]
    public async Task What_cannot_be_meant_is_refused_before_anything_is_sent(string commandLine)
    {
        var result = await _pewter.RunAsync(commandLine);
        Assert.Equal(2, result.ExitCode);
        Assert.Empty(_written);
    }

    [Fact]
    public async Task What_is_sent_has_a_bar_on_a_terminal_and_none_elsewhere()
    {
        var directory = Directory.CreateTempSubdirectory("pw");
        try
        {
            var file = Path.Combine(directory.FullName, "golden.raw");
            await File.WriteAllBytesAsync(file, new byte[3 << 20]);
            var images = (MemoryDirectory)(await _pewter.Root.WalkAsync("image", Caller.System, default))!;
            images.Add(new MemoryDirectory(30, "i9")).Add(new MemoryText(31, "data", ""));
            images.Add(new MemoryText(32, "clone", "i9\n", Answer));
            var plain = await _pewter.RunAsync($"image import {file} --send");
            _pewter.IsTerminal = true;
            var shown = await _pewter.RunAsync($"image import {file} --send");
            var silent = await _pewter.RunAsync($"-q image import {file} --send");
            Assert.Equal((0, 0, 0), (plain.ExitCode, shown.ExitCode, silent.ExitCode));
            Assert.Equal("", plain.Messages + silent.Messages);
            Assert.Contains("\rgolden  send  [########----------------]  33%  1M of 3M", shown.Messages);
            Assert.Contains("[########################] 100%  3M of 3M", shown.Messages);
            Assert.EndsWith("\r\e[K", shown.Messages);
            Assert.DoesNotContain("[##", shown.Output);
        }
        finally
        {
            directory.Delete(true);
        }
    }

    private string Answer(string line)
    {
        _written.Add(line);
        if (line.StartsWith("snapshot", StringComparison.Ordinal))
        {
            return """{"ok":true,"target":"/disk/d1","image":"web-3","id":"i3","size":2147483648}""" + "\n";
        }

        return """{"ok":true,"target":"/disk/d2","id":"d2","nbd":"nbd+unix:///d2?socket=/s"}""" + "\n";
    }
}
