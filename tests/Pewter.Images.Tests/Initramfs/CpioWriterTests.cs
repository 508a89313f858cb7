using System.Diagnostics;
using Pewter.Images.Initramfs;

namespace Pewter.Images.Tests.Initramfs;

public sealed class CpioWriterTests
{
    [Fact]
    public void Cpio_of_Debian_lists_what_was_written()
    {
        using var archive = new MemoryStream();
        var writer = new CpioWriter(archive);
        writer.AddFile("/init", "#!/bin/sh\n"u8, 0x1ED);
        writer.AddFile("etc/a/deep/name", "1234567"u8);
        writer.AddSymlink("bin/sh", "busybox");
        writer.Complete();

        Assert.Equal("init\netc\netc/a\netc/a/deep\netc/a/deep/name\nbin\nbin/sh\n", List(archive));
    }

    [Fact]
    public void Equal_content_gives_equal_bytes()
    {
        Assert.Equal(Write("x"), Write("x"));
        Assert.NotEqual(Write("x"), Write("y"));

        static byte[] Write(string text)
        {
            using var archive = new MemoryStream();
            var writer = new CpioWriter(archive);
            writer.AddFile("a", System.Text.Encoding.UTF8.GetBytes(text));
            writer.Complete();
            return archive.ToArray();
        }
    }

    [Theory]
    [InlineData("../etc/passwd")]
    [InlineData("a/./b")]
    public void A_path_that_climbs_is_refused(string path)
    {
        var writer = new CpioWriter(Stream.Null);
        Assert.Throws<ArgumentException>(() => writer.AddFile(path, []));
    }

    private static string List(MemoryStream archive)
    {
        using var cpio = Process.Start(new ProcessStartInfo("cpio", "-t --quiet")
        {
            RedirectStandardInput = true, RedirectStandardOutput = true,
        })!;
        archive.Position = 0;
        archive.CopyTo(cpio.StandardInput.BaseStream);
        cpio.StandardInput.Close();
        var text = cpio.StandardOutput.ReadToEnd();
        cpio.WaitForExit();
        return text;
    }
}
