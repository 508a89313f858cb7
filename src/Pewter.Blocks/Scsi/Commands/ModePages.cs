namespace Pewter.Blocks.Scsi.Commands;

/// <summary>The mode pages (SPC-4 7.5, SBC-3 6.5): caching, control, informational exceptions.</summary>
internal static class ModePages
{
    public const byte All = 0x3F, Caching = 0x08, Control = 0x0A, Exceptions = 0x1C;

    /// <summary>D_SENSE in byte 2 and SWP in byte 4 of the control page can be changed.</summary>
    public const byte DescriptorSenseBit = 0x04, WriteProtectBit = 0x08;

    private const byte ChangeableValues = 1, SavedValues = 3;

    /// <summary>
    /// Writes page <paramref name="page"/>, or all of them; returns the length, or -1 when there is no such page.
    /// </summary>
    public static int Write(Span<byte> to, byte page, byte subpage, byte control, LogicalUnit unit)
    {
        if (control == SavedValues || (subpage != 0 && subpage != 0xFF))
            return -1;
        bool changeable = control == ChangeableValues;
        int at = 0;
        if (page is Caching or All)
            at += WriteCaching(to[at..], changeable);
        if (page is Control or All)
            at += WriteControl(to[at..], changeable, control == 2 ? new ModeState() : unit.Modes);
        if (page is Exceptions or All)
            at += WriteHeader(to[at..], Exceptions, 10);
        return at == 0 ? -1 : at;
    }

    private static int WriteCaching(Span<byte> to, bool changeable)
    {
        int length = WriteHeader(to, Caching, 18);
        if (!changeable)
            to[2] = 0x04; // WCE: completed writes are durable after SYNCHRONIZE CACHE or FUA
        return length;
    }

    private static int WriteControl(Span<byte> to, bool changeable, ModeState state)
    {
        int length = WriteHeader(to, Control, 10);
        if (changeable || state.DescriptorSense)
            to[2] = DescriptorSenseBit;
        if (!changeable)
            to[3] = 0x10; // tasks may be reordered
        if (changeable || state.SoftwareWriteProtect)
            to[4] = WriteProtectBit;
        return length;
    }

    private static int WriteHeader(Span<byte> to, byte page, byte length)
    {
        to[0] = page;
        to[1] = length;
        return 2 + length;
    }
}
