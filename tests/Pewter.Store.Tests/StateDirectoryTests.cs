using Pewter.Store.Sqlite;

namespace Pewter.Store.Tests;

public sealed class StateDirectoryTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    private static CancellationToken Ending => TestContext.Current.CancellationToken;

    private string Database => Path.Combine(_directory.Path, "state.db");

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_second_daemon_on_the_directory_is_refused_with_the_pid_of_the_first()
    {
        await using var host = new StoreHost("directory", _directory.Path, writers: 1);
        await host.Leads.WaitAsync(Ending);
        var refusal = Assert.Throws<StoreException>(() => StateStore.OpenDirectory(_directory.Path));
        Assert.Equal(16, refusal.Errno);
        Assert.Equal(
            $"The state directory {_directory.Path} is in use by process {host.Pid}; stop that one, or choose another directory with --state.",
            refusal.Message);
        await host.KillAsync();
        await StateStore.OpenDirectory(_directory.Path).DisposeAsync();
    }

    [Fact]
    public async Task A_directory_is_free_again_when_its_store_is_closed()
    {
        await StateStore.OpenDirectory(_directory.Path).DisposeAsync();
        await StateStore.OpenDirectory(_directory.Path).DisposeAsync();
    }

    [Fact]
    public async Task A_new_directory_is_for_its_owner_alone()
    {
        var made = Path.Combine(_directory.Path, "state");
        await StateStore.OpenDirectory(made).DisposeAsync();
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(made));
    }

    [Fact]
    public async Task A_database_of_a_newer_version_is_refused_and_left_alone()
    {
        await StateStore.OpenDirectory(_directory.Path).DisposeAsync();
        using (var connection = new SqliteConnection(Database, readOnly: false))
            connection.Execute("PRAGMA user_version = 1000");
        var refusal = Assert.Throws<StoreException>(() => StateStore.OpenDirectory(_directory.Path));
        Assert.Equal(71, refusal.Errno);
        Assert.Contains("has schema 1000, but this version knows schemas up to", refusal.Message);
        // The refusal let go of the directory.
        Assert.Throws<StoreException>(() => StateStore.OpenDirectory(_directory.Path));
    }

    [Fact]
    public async Task A_damaged_database_is_refused_with_a_sentence()
    {
        await File.WriteAllTextAsync(Database, string.Concat(Enumerable.Repeat("This is no database. ", 100)), Ending);
        var refusal = Assert.Throws<StoreException>(() => StateStore.OpenDirectory(_directory.Path));
        Assert.Equal(5, refusal.Errno);
        Assert.Contains("is damaged", refusal.Message);
    }

    [Fact]
    public async Task A_full_disk_fails_the_writers_and_harms_nothing_and_room_mends_it()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "skipped, because only root can mount");
        var mount = Path.Combine(_directory.Path, "small");
        Directory.CreateDirectory(mount);
        await Shell.RunAsync("mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", mount);
        try
        {
            await using (var store = StateStore.OpenDirectory(mount))
            {
                await store.LeadAsync(Ending);
                var acknowledged = await FillAsync(store);
                await Shell.RunAsync("mount", "-o", "remount,size=64m", mount);
                Assert.True((await store.CommitAsync(new CommitBatch().Create("a", "room", new byte[10_000]), Ending)).Committed);
                Assert.Equal(acknowledged.Append("room").Order(StringComparer.Ordinal), await IdsAsync(store));
            }
            using var connection = new SqliteConnection(Path.Combine(mount, "state.db"), readOnly: true);
            using var check = connection.Statement("PRAGMA integrity_check").Begin();
            Assert.True(check.Step());
            Assert.Equal("ok", check.Text(0));
        }
        finally
        {
            await Shell.RunAsync("umount", mount);
        }
    }

    /// <summary>Commits until the disk is full, many at once, and a while longer; gives what was acknowledged.</summary>
    private static async Task<List<string>> FillAsync(StateStore store)
    {
        var (acknowledged, failures) = (new List<string>(), 0);
        for (var round = 0; failures < 50; round++)
        {
            var ids = Enumerable.Range(0, 10).Select(i => $"{round}-{i}").ToArray();
            var commits = ids.Select(id => store.CommitAsync(new CommitBatch().Create("a", id, new byte[10_000]), Ending).AsTask()).ToArray();
            for (var i = 0; i < ids.Length; i++)
            {
                try
                {
                    Assert.True((await commits[i]).Committed);
                    acknowledged.Add(ids[i]);
                }
                catch (StoreException failure)
                {
                    Assert.Equal(28, failure.Errno);
                    Assert.False(failure.OutcomeUnknown);
                    failures++;
                }
            }
        }
        Assert.NotEmpty(acknowledged);
        return acknowledged;
    }

    private static async Task<List<string>> IdsAsync(StateStore store)
    {
        var ids = new List<string>();
        await foreach (var stored in store.ReadAllAsync("a", Ending))
            ids.Add(stored.Key.Id);
        return ids;
    }
}
