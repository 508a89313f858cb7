using Pewter.NineP;
using Pewter.NineP.Serving;

namespace Pewter.Doors.Access;

/// <summary>Who may hand out access.</summary>
internal static class Administrators
{
    /// <summary>EPERM for everybody but an administrator.</summary>
    public static void Demand(Caller caller)
    {
        if (!caller.IsAdmin)
        {
            throw new FileException(Errno.EPERM, "Only an administrator may do that.");
        }
    }
}
