using System.Globalization;
using Pewter.NineP;

namespace Pewter.Machines.Nodes;

/// <summary>
/// Takes and undoes the steps of nodes: each intent is durable before the act, and the outcome after it. One piece of
/// work a node at a time, in the node's own queue; the nodes go on in parallel.
/// </summary>
/// <param name="journal">What is durable.</param>
/// <param name="changed">Told after the record of a node is another.</param>
/// <param name="time">The clock.</param>
internal sealed class NodeLife(NodeJournal journal, Action<Node> changed, TimeProvider time)
{
    /// <summary>
    /// Takes all steps of a node whose record with the first intent is durable already. What fails is undone before it
    /// is told.
    /// </summary>
    /// <exception cref="FileException">The step that failed; nothing is left, and the state is released or, if undoing
    /// failed too, error.</exception>
    public async Task AllocateAsync(Node node, CancellationToken cancellation, CancellationToken stop)
    {
        var work = new NodeWork(node, record => Publish(node, record), time);
        var steps = node.Kind.Steps;
        try
        {
            for (var i = node.Record.Step; i < steps.Count; i++)
            {
                cancellation.ThrowIfCancellationRequested();
                if (steps[i].Applies(node.Record))
                {
                    await TakeAsync(work, steps, i, cancellation);
                }
            }

            await CommitAsync(node, Outcome(work) with { State = NodeStates.Ready, Phase = null, Cause = null, WasReady = true }, cancellation);
            node.Log.Add("ready");
        }
        catch (Exception failure) when (NodeFailure.IsExpected(failure) || failure is OperationCanceledException)
        {
            var cause = failure is OperationCanceledException ? "cancelled" : failure.Message;
            var phase = node.Record.Phase ?? "commit";
            node.Log.Add($"{phase} failed: {cause}");
            Publish(node, Outcome(work));
            await (node.Kind.RestartsLost || node.Record.WasReady ? LoseAsync(node, cause, stop) : UndoAsync(node, cause, stop));
            if (failure is OperationCanceledException)
            {
                throw;
            }

            throw NodeFailure.From(failure, $"{node.Id} could not be allocated, {phase}");
        }
    }

    /// <summary>Undoes all steps and forgets the node. A failure leaves it in error, to be tried again.</summary>
    /// <returns>The failure; null when nothing is left.</returns>
    public async Task<FileException?> UndoAsync(Node node, string cause, CancellationToken stop)
    {
        var record = node.Record;
        try
        {
            if (record.State == NodeStates.Released)
            {
                return null;
            }

            await CommitAsync(node, record with { State = NodeStates.Releasing, Cause = cause }, stop);
            await UndoStepsAsync(node, stop);
            var last = node.Record with { State = NodeStates.Released, Phase = null };
            await journal.DeleteAsync(last, stop);
            node.Log.Add($"released: {cause}");
            Publish(node, last);
            return null;
        }
        catch (Exception failure) when (NodeFailure.IsExpected(failure))
        {
            var refused = NodeFailure.From(failure, $"{node.Id} could not be released, {node.Record.Phase ?? "commit"}");
            node.Log.Add(refused.Message);
            Publish(node, node.Record with { State = NodeStates.Error, Cause = failure.Message });
            return refused;
        }
    }

    /// <summary>
    /// Takes away what is left of a node that does not run any more, but for what stays with a node, and says what it
    /// is now: lost, or off.
    /// </summary>
    public async Task LoseAsync(
        Node node, string cause, CancellationToken stop, string state = NodeStates.Lost, bool withContent = false)
    {
        var was = node.Record;
        try
        {
            await node.Agent.CloseAsync();
            // One that was cut short has not made all that would stay.
            var half = was.State == NodeStates.Allocating ? was.Step : -1;
            var work = await UndoStepsAsync(node, stop, i => !node.Kind.Steps[i].Stays || i == half || (withContent && node.Kind.Steps[i].IsContent));
            var stays = node.Kind.Steps.Any(step => step.Stays);
            var lost = was with
            {
                State = state, Phase = null, Step = FirstAgain(node), Cause = cause, Resources = [],
                Handle = stays ? work.Handle : new Dictionary<string, string>(),
            };
            await journal.StripAsync(lost, was, stop);
            node.Log.Add($"{state}: {cause}");
            Publish(node, lost);
        }
        catch (Exception failure) when (NodeFailure.IsExpected(failure))
        {
            node.Log.Add($"what is left of it could not be taken away, {node.Record.Phase}: {failure.Message}");
            Publish(node, node.Record with { State = NodeStates.Error, Cause = failure.Message });
        }
    }

    /// <summary>
    /// Begins a node that does not run, or one whose allocation was cut short, again from the first step that did not
    /// stay.
    /// </summary>
    public async Task BeginAgainAsync(Node node, CancellationToken stop)
    {
        var first = FirstAgain(node);
        var step = node.Kind.Steps[first];
        var record = node.Record with { State = NodeStates.Allocating, Step = first, Phase = step.Phase, Timeline = [], Cause = null };
        record = record with { Resources = [.. record.Resources.Union(step.Makes(record))] };
        await CommitAsync(node, record, stop);
        await AllocateAsync(node, stop, stop);
    }

    /// <summary>Commits a change of a record that is not a step, such as a label.</summary>
    public Task ChangeAsync(Node node, Func<NodeRecord, NodeRecord> change, CancellationToken cancellation) =>
        CommitAsync(node, change(node.Record), cancellation);

    private async Task TakeAsync(NodeWork work, IReadOnlyList<NodeStep> steps, int index, CancellationToken cancellation)
    {
        var step = steps[index];
        if (work.Record.Step != index)
        {
            foreach (var resource in step.Makes(work.Record))
            {
                work.Own(resource);
            }

            await CommitAsync(work.Node, Outcome(work) with { Step = index, Phase = step.Phase }, cancellation);
        }

        var start = time.GetTimestamp();
        work.Enter(step.Phase);
        await step.Do(work, cancellation);
        work.Leave();
        work.Note(string.Create(CultureInfo.InvariantCulture, $"{step.Phase} took {time.GetElapsedTime(start).TotalMilliseconds:0.0} ms"));
    }

    private async Task<NodeWork> UndoStepsAsync(Node node, CancellationToken stop, Func<int, bool>? which = null)
    {
        var work = new NodeWork(node);
        for (var i = Math.Min(node.Record.Step, node.Kind.Steps.Count - 1); i >= 0; i--)
        {
            var step = node.Kind.Steps[i];
            if (step.Applies(node.Record) && which?.Invoke(i) != false)
            {
                Publish(node, node.Record with { Phase = step.Phase });
                await step.Undo(work, stop);
            }
        }

        await node.Agent.CloseAsync();
        return work;
    }

    // An allocation that was cut short before a step that stays begins at that one.
    private static int FirstAgain(Node node)
    {
        var steps = node.Kind.Steps;
        var first = 0;
        while (first < node.Record.Step && steps[first].Stays)
        {
            first++;
        }

        return first;
    }

    private static NodeRecord Outcome(NodeWork work) => work.Record with { Handle = work.Handle, Resources = work.Resources };

    private async Task CommitAsync(Node node, NodeRecord record, CancellationToken cancellation)
    {
        await journal.WriteAsync([(record, node.Record)], cancellation);
        Publish(node, record);
    }

    private void Publish(Node node, NodeRecord record)
    {
        node.Record = record;
        changed(node);
    }
}
