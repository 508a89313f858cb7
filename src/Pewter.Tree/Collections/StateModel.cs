namespace Pewter.Tree;

/// <summary>The states of an object, for <c>wait</c>, the field <c>state</c> and the events of its changes. Immutable.</summary>
/// <typeparam name="T">The object.</typeparam>
/// <param name="current">The present state, one of <paramref name="states"/>; must be cheap.</param>
/// <param name="states">All states.</param>
/// <param name="terminal">Those that are never left.</param>
/// <param name="outcome">
/// What <c>wait</c> tells besides the state of a terminal object, for instance <c>code=0</c>. It must depend only on what the owner keeps
/// for good, so that it is the same after a restart.
/// </param>
public sealed class StateModel<T>(
    Func<T, string> current, IReadOnlyList<string> states, IReadOnlyList<string> terminal, Action<Logfmt, T>? outcome = null)
{
    /// <summary>All states.</summary>
    public IReadOnlyList<string> States => states;

    /// <summary>The present state.</summary>
    public string Current(T item) => current(item);

    /// <summary>Whether a state is never left.</summary>
    public bool IsTerminal(string state) => terminal.Contains(state);

    internal void WriteOutcome(Logfmt line, T item) => outcome?.Invoke(line, item);
}
