using System.IO.Pipelines;

namespace Pewter.Peers.Joining;

/// <summary>Connects to a parent. An <see cref="IOException"/> says in a sentence why it cannot.</summary>
internal delegate Task<DialledParent> ParentDial(JoinOptions join, CancellationToken cancellation);

/// <summary>A connection to a parent's door.</summary>
/// <param name="Pipe">The bytes.</param>
/// <param name="Address">This end's own address.</param>
/// <param name="Transport">What is disposed to close it, after the protocol has ended.</param>
internal sealed record DialledParent(IDuplexPipe Pipe, string Address, IAsyncDisposable Transport);
