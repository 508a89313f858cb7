namespace Pewter.Networks.Plane.Dhcp;

/// <summary>An address that a machine which came unannounced has for a time.</summary>
internal sealed record Lease(string Mac, string Address, string? Name, DateTimeOffset Expires);
