using System.Security.Cryptography;
using Pewter.Images.Tests.Library;
using Pewter.NineP;

namespace Pewter.Images.Tests.Importing;

/// <summary>Images that a server of HTTP gives, by their digest.</summary>
public sealed class HttpImportTests
{
    private const int Length = 8 << 20;

    private readonly byte[] _content = Content();

    private string Digest => Convert.ToHexStringLower(SHA256.HashData(_content));

    [Fact]
    public async Task An_image_with_the_right_digest_is_taken_in()
    {
        await using var house = await ImageHouse.StartAsync();
        await using var server = new FileServer(_content);
        await house.SayAsync("/image", "import", server.Uri, "golden", $"sha256={Digest}");
        await house.SayAsync("/disk", "create", "image=golden", "name=web");
        Assert.Equal(_content, await house.ReadDiskAsync("web", Length));
        Assert.Equal(Digest, (await house.JsonAsync("/image/golden")).GetProperty("sha256").GetString());
        Assert.Empty(Directory.GetFiles(Path.Combine(house.Scratch, "incoming")));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task One_with_another_digest_is_named_and_leaves_nothing(bool isQcow)
    {
        await using var house = await ImageHouse.StartAsync();
        await using var server = new FileServer(isQcow ? await QcowAsync(house) : _content);
        var refused = await Assert.ThrowsAsync<FileException>(
            () => house.SayAsync("/image", "import", server.Uri, "golden", $"sha256={new string('0', 64)}"));
        Assert.Equal(Errno.EIO, refused.Errno);
        Assert.StartsWith("The image golden has SHA-256 ", refused.Message);
        Assert.DoesNotContain("image-", refused.Message);
        await LeftNothingAsync(house);
    }

    [Theory]
    [InlineData("")]
    [InlineData("right")]
    public async Task One_that_is_cut_short_stays_interrupted_and_the_same_import_goes_on_from_there(string digest)
    {
        await using var house = await ImageHouse.StartAsync();
        await using var server = new FileServer(_content) { CutAfter = 3_000_000 };
        string[] words = ["import", server.Uri, "golden", .. digest.Length == 0 ? (string[])[] : [$"sha256={Digest}"]];
        var cut = await Assert.ThrowsAsync<FileException>(() => house.SayAsync("/image", words));
        Assert.Equal(Errno.EAGAIN, cut.Errno);
        Assert.Equal("interrupted", (await house.JsonAsync("/image/golden")).GetProperty("state").GetString());
        Assert.Equal(Errno.EBUSY, (await Assert.ThrowsAsync<FileException>(() => house.SayAsync("/disk", "create", "image=golden"))).Errno);
        server.CutAfter = null;
        await house.KillAsync();
        await house.RestartAsync();
        await house.SayAsync("/image", words);
        Assert.Equal([0, 3_000_000], server.Begins);
        await house.SayAsync("/disk", "create", "image=golden", "name=web");
        Assert.Equal(_content, await house.ReadDiskAsync("web", Length));
    }

    [Fact]
    public async Task One_that_was_changed_between_two_halves_has_another_digest()
    {
        await using var house = await ImageHouse.StartAsync();
        await using var server = new FileServer(_content) { CutAfter = 3_000_000 };
        string[] words = ["import", server.Uri, "golden", $"sha256={Digest}"];
        await Assert.ThrowsAsync<FileException>(() => house.SayAsync("/image", words));
        server.CutAfter = null;
        _content[5_000_000] ^= 1;
        Assert.Equal(Errno.EIO, (await Assert.ThrowsAsync<FileException>(() => house.SayAsync("/image", words))).Errno);
        await LeftNothingAsync(house);
    }

    [Fact]
    public async Task A_qcow2_that_the_server_has_only_half_of_is_truncated_and_leaves_nothing()
    {
        await using var house = await ImageHouse.StartAsync();
        var qcow = await QcowAsync(house);
        await using var server = new FileServer(qcow[..(qcow.Length / 2)]);
        var refused = await Assert.ThrowsAsync<FileException>(() => house.SayAsync("/image", "import", server.Uri, "golden"));
        Assert.Equal(Errno.EIO, refused.Errno);
        Assert.StartsWith("The image golden is truncated: it ends after ", refused.Message);
        await LeftNothingAsync(house);
    }

    private async Task<byte[]> QcowAsync(ImageHouse house)
    {
        var (raw, qcow) = (Path.Combine(house.Scratch, "made.raw"), Path.Combine(house.Scratch, "made.qcow2"));
        await File.WriteAllBytesAsync(raw, _content);
        var made = await Testing.Shell.RunAsync($"qemu-img convert -f raw -O qcow2 '{raw}' '{qcow}'");
        Assert.True(made.ExitCode == 0, made.Errors);
        return await File.ReadAllBytesAsync(qcow);
    }

    private static async Task LeftNothingAsync(ImageHouse house)
    {
        Assert.Equal("[\n]\n", await house.Admin.ReadTextAsync("/image/json"));
        Assert.Empty(await house.ServedAsync("layer"));
        Assert.Empty(await house.ServedAsync());
        Assert.Empty(Directory.GetFiles(Path.Combine(house.Scratch, "incoming")));
    }

    private static byte[] Content()
    {
        var bytes = new byte[Length];
        new Random(4).NextBytes(bytes);
        return bytes;
    }
}
