using System.Globalization;
using System.Text;
using Pewter.NineP;
using Pewter.Tree;

namespace Pewter.Sdk;

/// <summary>What a <see cref="SpawnSpec"/> is as lines of a session's ctl.</summary>
internal static class SessionLines
{
    /// <summary>What has to be said before a session has a node.</summary>
    public static IEnumerable<string> Before(SpawnSpec spec, bool isGroup)
    {
        if (spec.Query is { } query && !isGroup)
        {
            yield return RcQuoting.Join("on", query);
        }

        if (isGroup || spec.Query is not null)
        {
            yield return "place " + (spec.Layout switch { Layout.Pack => "pack", Layout.LeastLoaded => "least-loaded", _ => "spread" });
        }

        if (spec.Near.Count > 0)
        {
            yield return "near " + RcQuoting.Join(spec.Near);
        }

        foreach (var line in Settings(spec).Concat(Bounds(spec)).Concat(spec.Commands))
        {
            yield return line;
        }
    }

    /// <summary>The reservation of a group.</summary>
    public static string Reserve(SpawnSpec spec, int count)
    {
        var words = string.Create(CultureInfo.InvariantCulture, $"res {count}");
        return spec.Query is { } query ? $"{words} {RcQuoting.Quote(query)}" : words;
    }

    /// <summary>The start.</summary>
    public static string Start(SpawnSpec spec) => "exec " + RcQuoting.Join(spec.Command);

    /// <summary>Gives lines to a ctl in one write; a failure carries the sentence that the ctl answered.</summary>
    public static async ValueTask TellAsync(TreeHandle ctl, IEnumerable<string> lines, CancellationToken cancellation)
    {
        try
        {
            await ctl.WriteTextAsync(string.Join('\n', lines) + "\n", cancellation);
        }
        catch (FileException failure)
        {
            // 9P carries the number alone; what it means stands in the answer.
            var replies = CommandReply.Parse(Encoding.UTF8.GetString(await ctl.ReadToEndAsync(cancellation)));
            throw replies.FirstOrDefault(reply => !reply.IsOk) is { } refused ? new FileException(refused.Errno, refused.Error, failure) : failure;
        }
    }

    private static IEnumerable<string> Settings(SpawnSpec spec)
    {
        if (spec.Environment.Count > 0)
        {
            yield return "env " + RcQuoting.Join(spec.Environment.Select(pair => $"{pair.Key}={pair.Value}"));
        }

        if (spec.Directory is { } directory)
        {
            yield return RcQuoting.Join("dir", directory);
        }

        if (spec.User is { } user)
        {
            yield return RcQuoting.Join("user", user);
        }

        if (spec.Job is { } job)
        {
            yield return RcQuoting.Join("job", job);
        }

        if (spec.Labels.Count > 0)
        {
            yield return "label " + RcQuoting.Join(spec.Labels);
        }

        if (spec.Input == GroupInput.Deal)
        {
            yield return "input deal";
        }
    }

    private static IEnumerable<string> Bounds(SpawnSpec spec)
    {
        string[] limits =
        [
            .. spec.Cpus is { } cpus ? [string.Create(CultureInfo.InvariantCulture, $"cpu={cpus}")] : (string[])[],
            .. spec.MemoryBytes is { } memory ? [string.Create(CultureInfo.InvariantCulture, $"mem={memory}")] : (string[])[],
            .. spec.Processes is { } processes ? [string.Create(CultureInfo.InvariantCulture, $"pids={processes}")] : (string[])[],
            .. spec.OpenFiles is { } files ? [string.Create(CultureInfo.InvariantCulture, $"files={files}")] : (string[])[],
        ];
        if (limits.Length > 0)
        {
            yield return "limit " + string.Join(' ', limits);
        }

        if (spec.Terminal)
        {
            yield return "terminal on";
        }

        if (spec.KeepOutput)
        {
            yield return "output keep";
        }

        if (spec.ExplicitEnd)
        {
            yield return "eof explicit";
        }

        if (spec.IsPersistent)
        {
            yield return "type persistent";
        }
    }
}
