using Pewter.Tree;

namespace Pewter.Execution.Sessions;

/// <summary>What <c>status</c>, <c>json</c> and queries say of a session.</summary>
internal static class SessionFields
{
    internal static Fields<Session> Create() => new Fields<Session>()
        .Text("cmd", session => session.Record.Command.Count > 0 ? session.Record.Command[0] : null, indexed: true)
        .Text("node", session => session.Leaves.Count == 1 ? session.Leaves[0].Node : null, indexed: true)
        .Int("processes", session => session.Record.IsGroup ? session.Leaves.Count : null)
        .Int("ended", session => session.Record.IsGroup ? session.Ended : null)
        .Int("failed", session => session.Record.IsGroup ? session.Leaves.Count(leaf => leaf.Exit is { ShellCode: not 0 }) : null)
        .Text("job", session => session.Job, indexed: true)
        .Tags("labels", session => session.Labels)
        .Text("files", session => session.Files)
        .Text("splice", session => session.Splice)
        .Time("started", session => session.Record.Started)
        .Text("cause", session => session.State == "ended" ? session.Worst?.Cause : null)
        .Int("shell_code", session => session.State == "ended" ? session.Worst?.ShellCode : null)
        .Json("args", (json, session) =>
        {
            json.WriteStartArray();
            foreach (var word in session.Record.Command)
            {
                json.WriteStringValue(word);
            }

            json.WriteEndArray();
        })
        .Json("leaves", (json, session) =>
        {
            json.WriteStartArray();
            foreach (var leaf in session.Leaves)
            {
                leaf.Write(json);
            }

            json.WriteEndArray();
        });

    internal static StateModel<Session> States() => new(
        session => session.State, ["new", "reserved", "running", "ended"], ["ended"], WriteOutcome);

    private static void WriteOutcome(Logfmt line, Session session)
    {
        var worst = session.Worst!;
        line.Pair("cause", worst.Cause).Pair("shell_code", worst.ShellCode);
        if (session.Record.IsGroup)
        {
            line.Pair("processes", session.Leaves.Count).Pair("failed", session.Leaves.Count(leaf => leaf.Exit is { ShellCode: not 0 }));
        }
        else
        {
            line.Pair("exit", worst.Record);
        }
    }
}
