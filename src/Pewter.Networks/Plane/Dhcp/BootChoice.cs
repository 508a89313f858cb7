using System.Buffers.Binary;

namespace Pewter.Networks.Plane.Dhcp;

/// <summary>What a machine that boots from the network is told to load, by what it says of itself.</summary>
/// <param name="File">The name for the message: a path for TFTP, or a URL.</param>
/// <param name="VendorClass">The class that the client wants to see again; null: none.</param>
internal sealed record BootChoice(string File, string? VendorClass)
{
    // Client system architectures: RFC 4578, 2.1, and the registry of IANA.
    private const ushort BiosX86 = 0;
    private const ushort EfiX86 = 6;
    private const ushort EfiBc = 7;
    private const ushort EfiX64 = 9;
    private const ushort HttpX86 = 15;
    private const ushort HttpX64 = 16;

    private const string PxeClass = "PXEClient";
    private const string HttpClass = "HTTPClient";

    /// <summary>The choice; null for a machine that does not ask, or for which nothing is set.</summary>
    public static BootChoice? For(SegmentPlan plan, DhcpMessage request)
    {
        if (!plan.Scripts.ContainsKey(request.Mac))
        {
            return null;
        }

        if (IsIpxe(request))
        {
            return new BootChoice($"http://{plan.Gateway}/boot/{request.Mac}", null);
        }

        var vendor = request.Text(DhcpOption.VendorClass) ?? "";
        var architecture = request[DhcpOption.ClientArchitecture] is { Length: >= 2 } bytes ? BinaryPrimitives.ReadUInt16BigEndian(bytes) : BiosX86;
        if (vendor.StartsWith(HttpClass, StringComparison.Ordinal))
        {
            return architecture is HttpX64 or HttpX86 ? new BootChoice($"http://{plan.Gateway}/{BootFiles.Efi}", HttpClass) : null;
        }

        return !vendor.StartsWith(PxeClass, StringComparison.Ordinal) ? null : architecture switch
        {
            BiosX86 => new BootChoice(BootFiles.Bios, PxeClass),
            EfiBc or EfiX64 or EfiX86 => new BootChoice(BootFiles.Efi, PxeClass),
            _ => null,
        };
    }

    /// <summary>Adds to a reply what the choice means.</summary>
    public void Write(DhcpMessage reply, SegmentPlan plan)
    {
        // iPXE would wait for a proxy's offer otherwise (its option 176 in 175).
        ReadOnlySpan<byte> noProxy = [176, 1, 1];
        reply.Set(DhcpOption.TftpServer, plan.Gateway).Set(DhcpOption.BootFile, File).Set(DhcpOption.Ipxe, noProxy);
        if (VendorClass is not null)
        {
            reply.Set(DhcpOption.VendorClass, VendorClass);
        }
    }

    // The user class is "iPXE" with or without the length byte of RFC 3004.
    private static bool IsIpxe(DhcpMessage request) =>
        request[DhcpOption.Ipxe] is not null || (request.Text(DhcpOption.UserClass) ?? "").EndsWith("iPXE", StringComparison.Ordinal);
}
