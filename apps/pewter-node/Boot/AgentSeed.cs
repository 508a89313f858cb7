using System.Globalization;

namespace Pewter.Apps.Node.Boot;

/// <summary>
/// What a machine without a virtio port is told by its network: where its agent is to listen, and the key that whoever speaks to it has. Fetched from
/// <c>SEED/agent</c>, where the command line's <c>pewter.seed=</c> names the address, or the gateway's <c>/seed/MAC</c> for a machine that
/// was started from its own disk. The server tells it to nobody but the machine's own address. Immutable.
/// </summary>
/// <param name="Identity">The name by which the host speaks to it.</param>
/// <param name="Key">The key that both have.</param>
/// <param name="Port">The port of TCP.</param>
internal sealed record AgentSeed(string Identity, byte[] Key, int Port)
{
    private const string Routes = "/proc/net/route";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    /// <summary>Asks all who may know; null when none does, or none answers now.</summary>
    internal static async Task<AgentSeed?> FindAsync(KernelWords words)
    {
        foreach (var url in words["pewter.seed"] is { } told ? [told.TrimEnd('/')] : AtGateways())
        {
            using var patience = new CancellationTokenSource(Patience, TimeProvider.System);
            try
            {
                if (await PlainHttp.FetchAsync(url + "/agent", patience.Token) is { } text)
                {
                    return Parse(text);
                }
            }
            catch (Exception failure) when (failure is IOException or OperationCanceledException or FormatException)
            {
                // Asked again while the machine has nobody else to listen to.
            }
        }

        return null;
    }

    /// <summary>Reads <c>identity=NAME key=HEX port=NUMBER</c>.</summary>
    private static AgentSeed Parse(string text)
    {
        var words = new KernelWords(text);
        return words["identity"] is { } identity && words["key"] is { } key && words["port"] is { } port
            ? new(identity, Convert.FromHexString(key), int.Parse(port, CultureInfo.InvariantCulture))
            : throw new FormatException("what the seed says of the agent is not whole");
    }

    private static IEnumerable<string> AtGateways() =>
        from line in File.Exists(Routes) ? File.ReadLines(Routes).Skip(1) : []
        let fields = line.Split('\t')
        where fields.Length > 2 && fields[1] == "00000000" && fields[2] != "00000000"
        let gateway = Convert.FromHexString(fields[2])
        from mac in BootCard.HardwareAddresses()
        select string.Create(CultureInfo.InvariantCulture, $"http://{gateway[3]}.{gateway[2]}.{gateway[1]}.{gateway[0]}/seed/{mac}");
}
