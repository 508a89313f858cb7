namespace Pewter.Bmc.Ipmi;

/// <summary>A command: its network function, its code, and its name in messages (appendix G).</summary>
internal readonly record struct IpmiCommand(byte Function, byte Code, string Name)
{
    private const byte Chassis = 0x00;
    private const byte Application = 0x06;

    public static readonly IpmiCommand ChassisStatus = new(Chassis, 0x01, "get chassis status");
    public static readonly IpmiCommand ChassisControl = new(Chassis, 0x02, "chassis control");
    public static readonly IpmiCommand SetBootOptions = new(Chassis, 0x08, "set system boot options");
    public static readonly IpmiCommand GetBootOptions = new(Chassis, 0x09, "get system boot options");
    public static readonly IpmiCommand DeviceId = new(Application, 0x01, "get device id");
    public static readonly IpmiCommand SystemGuid = new(Application, 0x37, "get system guid");
    public static readonly IpmiCommand SetSessionPrivilege = new(Application, 0x3b, "set session privilege level");
    public static readonly IpmiCommand CloseSession = new(Application, 0x3c, "close session");
    public static readonly IpmiCommand ActivatePayload = new(Application, 0x48, "activate payload");
    public static readonly IpmiCommand DeactivatePayload = new(Application, 0x49, "deactivate payload");
}
