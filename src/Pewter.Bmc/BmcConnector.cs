using Pewter.Bmc.Ipmi;
using Pewter.Bmc.Redfish;

namespace Pewter.Bmc;

/// <summary>Makes clients of controllers.</summary>
public static class BmcConnector
{
    /// <summary>A client of a controller. Nothing is sent until it is asked something.</summary>
    public static IBmc Open(BmcAddress address, BmcCredentials credentials, TimeProvider time, BmcLimits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(address);
        limits ??= new BmcLimits();
        return address.Protocol == BmcProtocol.Ipmi
            ? new IpmiBmc(address, credentials, time, limits)
            : new RedfishBmc(address, credentials, time, limits);
    }
}
