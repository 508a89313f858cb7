using System.Globalization;
using System.Text;
using Pewter.NineP;
using Pewter.NineP.Serving;
using Pewter.Tree;

namespace Pewter.Execution.Sessions;

/// <summary>A process being reserved: a session of a node that lives by the fid held here until it is told to stay.</summary>
internal sealed class LeafReservation : IAsyncDisposable
{
    private readonly TreeClient _tree;
    private readonly TreeHandle _ctl;
    private readonly string? _files;

    private LeafReservation(TreeClient tree, Leaf leaf, TreeHandle ctl, string? files) => (_tree, Leaf, _ctl, _files) = (tree, leaf, ctl, files);

    /// <summary>The process.</summary>
    internal Leaf Leaf { get; }

    /// <summary>
    /// Makes a session on a node with the settings that were asked for, in the directory of its files if it has some; it goes by itself
    /// unless it is kept.
    /// </summary>
    internal static async ValueTask<LeafReservation> MakeAsync(
        TreeClient tree, Session session, int index, string node, string? files, Caller caller, CancellationToken cancellation)
    {
        var (id, ctl) = await tree.CloneAsync(node + "/proc", cancellation);
        var made = new LeafReservation(tree, new Leaf(index, node, id), ctl, files);
        try
        {
            // What its owner says of the directory comes later and counts.
            if (files?.EndsWith('/') == true)
            {
                await made.TellAsync(RcQuoting.Join("dir", files), cancellation);
            }

            // Programs run as the session's owner; an administrator's as the agent itself, unless told otherwise.
            if (!caller.IsAdmin)
            {
                await made.TellAsync(RcQuoting.Join("user", session.Owner.User), cancellation);
            }

            foreach (var line in session.Record.Settings)
            {
                await made.TellAsync(line, cancellation);
            }

            return made;
        }
        catch
        {
            await ctl.DisposeAsync();
            throw;
        }
    }

    /// <summary>Makes the session stay, and tells it which of how many it is.</summary>
    internal async ValueTask KeepAsync(Session session, int count, CancellationToken cancellation)
    {
        string[] place = count == 1 && !session.Record.IsGroup ? [] :
        [
            string.Create(CultureInfo.InvariantCulture, $"PEWTER_INDEX={Leaf.Index}"),
            string.Create(CultureInfo.InvariantCulture, $"PEWTER_COUNT={count}"),
        ];
        string[] files = _files is null ? [] : [$"PEWTER_FILES={_files.TrimEnd('/')}"];
        if (place.Length + files.Length + session.Record.Variables.Count > 0)
        {
            await WriteEnvironmentAsync(_tree, Leaf, [.. place, .. files, .. session.Record.Variables], cancellation);
        }

        await TellAsync("type persistent", cancellation);
    }

    /// <summary>Adds variables to the environment that the node gives, replacing those of the same names.</summary>
    internal static async ValueTask WriteEnvironmentAsync(
        TreeClient tree, Leaf leaf, IReadOnlyList<string> variables, CancellationToken cancellation)
    {
        var path = leaf.Path + "/env";
        var names = variables.Select(NameOf).ToHashSet(StringComparer.Ordinal);
        var present = RcQuoting.Split((await tree.ReadTextAsync(path, cancellation)).Replace('\n', ' '));
        var entries = present.Where(entry => !names.Contains(NameOf(entry))).Concat(variables);
        var text = new StringBuilder();
        foreach (var entry in entries)
        {
            text.Append(RcQuoting.Quote(entry)).Append('\n');
        }

        await tree.WriteTextAsync(path, text.ToString(), cancellation);
    }

    public ValueTask DisposeAsync() => _ctl.DisposeAsync();

    private static string NameOf(string entry) => entry[..Math.Max(0, entry.IndexOf('=', StringComparison.Ordinal))];

    private async ValueTask TellAsync(string line, CancellationToken cancellation)
    {
        var replies = await _ctl.TryCommandAsync(line, cancellation);
        if (replies.FirstOrDefault(reply => !reply.IsOk) is { } refused)
        {
            throw new FileException(refused.Errno, refused.Error);
        }
    }
}
