using Pewter.Peers.Links;

namespace Pewter.Peers;

/// <summary>
/// What a <see cref="PeerTable"/> needs of the daemon that it is in. Its delegates answer at once, except for <paramref
/// name="NextNumber"/>.
/// </summary>
/// <param name="Name">The daemon's name.</param>
/// <param name="Id">Its id.</param>
/// <param name="Ancestors">The ids of the daemons above it.</param>
/// <param name="NextNumber">Gives a number that no peer has had.</param>
/// <param name="Came">A peer is new, or the levels below it are others.</param>
/// <param name="Left">A peer is no longer listed.</param>
/// <param name="Tell">An event of a peer, with its reason.</param>
internal sealed record PeerSetting(
    string Name, string Id, Func<IReadOnlyList<string>> Ancestors, Func<ValueTask<long>> NextNumber,
    Action<Peer> Came, Action<Peer> Left, Action<string, Peer, string?> Tell);
