namespace Pewter.Bmc;

/// <summary>The language of a controller.</summary>
public enum BmcProtocol
{
    /// <summary>IPMI 2.0 over RMCP+.</summary>
    Ipmi,

    /// <summary>DMTF Redfish.</summary>
    Redfish,
}
