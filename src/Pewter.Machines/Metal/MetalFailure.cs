using Pewter.Bmc;
using Pewter.NineP;

namespace Pewter.Machines.Metal;

/// <summary>Gives the failure of a controller the form that files have.</summary>
internal static class MetalFailure
{
    public static FileException From(BmcException failure) => new(
        failure.Fault switch
        {
            BmcFault.Silent => Errno.EHOSTUNREACH,
            BmcFault.Denied => Errno.EACCES,
            BmcFault.Unsupported => Errno.EOPNOTSUPP,
            BmcFault.Refused => Errno.EBUSY,
            _ => Errno.EIO,
        },
        failure.Message,
        failure);
}
