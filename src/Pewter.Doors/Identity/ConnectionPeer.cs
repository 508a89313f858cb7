using Pewter.NineP.Serving;

namespace Pewter.Doors.Identity;

/// <summary>Who a transport proved its peer to be.</summary>
/// <param name="Key">What limits count it by: a uid or an address.</param>
/// <param name="Caller">Its identity; null when nothing is proven and a token is needed.</param>
/// <param name="MayActForOthers">Local root, who could become any user of the machine anyway, as the kernel's 9P client does for each.</param>
internal sealed record ConnectionPeer(string Key, Caller? Caller, bool MayActForOthers = false);
