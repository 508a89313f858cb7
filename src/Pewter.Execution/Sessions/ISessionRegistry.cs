namespace Pewter.Execution.Sessions;

/// <summary>What the engine needs of whoever has all sessions: the service, or a test's double.</summary>
internal interface ISessionRegistry
{
    /// <summary>Refuses, naming the limit, when the owner of a session may not have so many processes more.</summary>
    void DemandRoom(Session session, int processes);

    /// <summary>The session has its nodes: shows them and follows them.</summary>
    void Placed(Session session, IReadOnlyList<Leaf> leaves);

    /// <summary>A process has ended: makes that durable, then known.</summary>
    ValueTask EndedAsync(Session session, Leaf leaf, LeafExit exit);

    /// <summary>The session is forgotten: its directory goes.</summary>
    void Remove(Session session);
}
