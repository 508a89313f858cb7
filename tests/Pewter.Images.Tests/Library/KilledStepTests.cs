using Pewter.NineP;

namespace Pewter.Images.Tests.Library;

/// <summary>The daemon, or the disk server, ends at every step of a change: what is there then is as before or as after, and the same again succeeds.</summary>
public sealed class KilledStepTests
{
    [Theory]
    [InlineData("create")]
    [InlineData("snapshot")]
    [InlineData("release")]
    [InlineData("import")]
    [InlineData("remove")]
    [InlineData("clone")]
    public async Task A_daemon_that_dies_at_any_step_leaves_the_state_before_or_after(string change)
    {
        await using var house = await ImageHouse.StartAsync();
        await PrepareAsync(house);
        for (var at = 0; ; at++)
        {
            var before = await StateAsync(house);
            var step = 0;
            house.Step = _ => step++ >= at ? throw new DaemonDied() : default;
            var died = await DiesAsync(() => ChangeAsync(house, change));
            house.Step = null;
            if (!died)
            {
                Assert.True(at > 3, $"{change} has {at} steps only; the crash points are gone");
                return;
            }

            await house.KillAsync();
            await house.RestartAsync();
            var after = await SettledAsync(house);
            await CheckAsync(house, change, before, after);
            await RepeatAsync(house, change, before, after);
            await BackAsync(house);
        }
    }

    [Theory]
    [InlineData("create")]
    [InlineData("snapshot")]
    [InlineData("release")]
    public async Task A_disk_server_that_is_killed_at_any_step_comes_back_and_the_same_again_succeeds(string change)
    {
        await using var house = await ImageHouse.StartAsync();
        await PrepareAsync(house);
        for (var at = 0; at < 4; at++)
        {
            var before = await StateAsync(house);
            var step = 0;
            house.Step = name =>
            {
                if (name.EndsWith("command", StringComparison.Ordinal) && step++ == at)
                {
                    house.KillBlockd();
                }

                return default;
            };
            try
            {
                await ChangeAsync(house, change);
            }
            catch (FileException)
            {
                // Told, and undone.
            }

            house.Step = null;
            var after = await SettledAsync(house);
            await CheckAsync(house, change, before, after);
            await RepeatAsync(house, change, before, after);
            await BackAsync(house);
        }
    }

    private static async Task PrepareAsync(ImageHouse house)
    {
        await house.ImportAsync();
        await house.SayAsync("/disk", "create", "image=golden", "name=old");
    }

    private static async Task ChangeAsync(ImageHouse house, string change) => await (change switch
    {
        "create" => house.SayAsync("/disk", "create", "image=golden", "count=3", "name=new"),
        "snapshot" => house.SayAsync("/disk/old", "snapshot", "frozen"),
        "release" => house.SayAsync("/disk/old", "release"),
        "import" => house.SayAsync("/image", "import", house.Raw("second.raw"), "second"),
        "clone" => house.SayAsync("/disk", "clone", "old", "count=2", "name=copy"),
        _ => RemoveAsync(house),
    });

    private static async Task<IReadOnlyList<Tree.CommandReply>> RemoveAsync(ImageHouse house)
    {
        await house.SayAsync("/disk/old", "release");
        return await house.SayAsync("/image/golden", "remove");
    }

    private static async Task<bool> DiesAsync(Func<Task> change)
    {
        try
        {
            await change();
            return false;
        }
        catch (DaemonDied)
        {
            return true;
        }
    }

    /// <summary>Names of images and disks, as a user sees them.</summary>
    private static async Task<string[]> StateAsync(ImageHouse house) =>
    [
        .. (await house.JsonAsync("/image")).EnumerateArray().Select(image => $"image {image.GetProperty("name")} {image.GetProperty("state")}"),
        .. (await house.JsonAsync("/disk")).EnumerateArray().Select(disk => $"disk {disk.GetProperty("name")}"),
    ];

    /// <summary>The state when all that was cut short is ended: a change of something else waits for that.</summary>
    private static async Task<string[]> SettledAsync(ImageHouse house)
    {
        await Testing.Until.TrueAsync(() => WorksAsync(house), "disks are made again");
        return await StateAsync(house);
    }

    private static async Task<bool> WorksAsync(ImageHouse house)
    {
        try
        {
            await house.SayAsync("/disk", "create", "size=1Mi", "name=probe");
            await house.SayAsync("/disk/probe", "release");
            return true;
        }
        catch (FileException lost) when (lost.Errno is Errno.ENOLINK or Errno.ECONNREFUSED or Errno.ECONNRESET)
        {
            // The server that was killed a moment ago is not back yet.
            return false;
        }
    }

    private static async Task CheckAsync(ImageHouse house, string change, string[] before, string[] after)
    {
        string[] expected = change switch
        {
            "create" => [.. before, "disk new-1", "disk new-2", "disk new-3"],
            "snapshot" => [.. before, "image frozen ready"],
            "release" => [.. before.Where(line => line != "disk old")],
            "import" => [.. before, "image second ready"],
            _ => after,
        };
        var isBefore = after.ToHashSet().SetEquals(before);
        var isInterrupted = change == "import" && after.ToHashSet().SetEquals([.. before, "image second interrupted"]);
        Assert.True(isBefore || isInterrupted || after.ToHashSet().SetEquals(expected), $"{change}: {string.Join(", ", after)}");

        // What the disk server has is what the daemon knows, no more and no less.
        var known = (await house.JsonAsync("/disk")).EnumerateArray().Select(disk => disk.GetProperty("id").GetString()!);
        Assert.Equal(known.Order(), (await house.ServedAsync()).Order());
    }

    private static async Task RepeatAsync(ImageHouse house, string change, string[] before, string[] after)
    {
        var isDone = change switch
        {
            "create" => after.Contains("disk new-1"),
            "snapshot" => after.Contains("image frozen ready"),
            "release" => !after.Contains("disk old"),
            "import" => after.Contains("image second ready"),
            "clone" => after.Contains("disk copy-1"),
            _ => !after.Contains("image golden ready"),
        };
        if (isDone || change == "remove")
        {
            return;
        }

        await ChangeAsync(house, change);
        Assert.NotEqual(before.Order(), (await StateAsync(house)).Order());
    }

    /// <summary>As it was before the change.</summary>
    private static async Task BackAsync(ImageHouse house)
    {
        foreach (var disk in (await house.JsonAsync("/disk")).EnumerateArray().Select(disk => disk.GetProperty("id").GetString()!).ToArray())
        {
            await house.SayAsync($"/disk/{disk}", "release");
        }

        foreach (var image in (await house.JsonAsync("/image")).EnumerateArray().Select(image => image.GetProperty("id").GetString()!).Reverse().ToArray())
        {
            await house.SayAsync($"/image/{image}", "remove");
        }

        Assert.Empty(await house.ServedAsync());
        await house.SayAsync("/image", "gc");
        Assert.Empty(await house.ServedAsync("layer"));
        await PrepareAsync(house);
    }
}
