namespace Pewter.Bmc.Ipmi;

/// <summary>What completion codes say (IPMI 2.0, table 5-2).</summary>
internal static class IpmiCompletion
{
    public const byte InvalidCommand = 0xc1;

    public static BmcException Failure(BmcAddress address, IpmiCommand command, byte code) => code switch
    {
        InvalidCommand or 0xc2 or 0xcb => new(BmcFault.Unsupported, $"{address} has no '{command.Name}' (0x{code:x2})."),
        0xd4 => new(BmcFault.Denied, $"{address}: the user may not '{command.Name}'."),
        0xc0 => new(BmcFault.Refused, $"{address} is busy; try '{command.Name}' again."),
        0xd5 => new(BmcFault.Refused, $"{address} cannot '{command.Name}' in the state that the machine is in."),
        0x80 when command == IpmiCommand.ActivatePayload => new(BmcFault.Refused, $"The console of {address} is open elsewhere; close it there."),
        0x81 when command == IpmiCommand.ActivatePayload => new(
            BmcFault.Unsupported, $"The serial console of {address} is switched off in its set-up."),
        0x80 => new(BmcFault.Unsupported, $"{address} lacks what '{command.Name}' was to change."),
        _ => new(BmcFault.Refused, $"{address} refused '{command.Name}' with completion code 0x{code:x2}."),
    };
}
