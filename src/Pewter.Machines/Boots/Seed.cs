using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Pewter.Machines.Nodes;

namespace Pewter.Machines.Boots;

/// <summary>
/// What a machine is told by its network about itself, as files that nobody else is shown: for Pewter's agent where it listens and by which key, and
/// for foreign images what cloud-init's NoCloud reads (cloud-init documentation, "NoCloud", and network configuration version 2).
/// </summary>
/// <param name="Directory">Where the files are; only the daemon reads them there.</param>
internal sealed record Seed(string Directory)
{
    /// <summary>The port of 9P (IANA), which only a system's own programs may take.</summary>
    public const int AgentPort = 564;

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const int KeyBytes = 32;

    /// <summary>The file of the agent's key.</summary>
    public string KeyFile => Path.Combine(Directory, "key");

    // Beside what is served, so that it is not.
    private string Served => Path.Combine(Directory, "files");

    /// <summary>Writes what the agent is told, with a key of this boot, and returns the directory to serve.</summary>
    public string WriteAgent(string identity)
    {
        Prepare();
        var key = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(KeyBytes));
        Put(KeyFile, key);
        Put(Path.Combine(Served, "agent"), string.Create(CultureInfo.InvariantCulture, $"identity={identity} key={key} port={AgentPort}\n"));
        return Served;
    }

    /// <summary>Writes what NoCloud reads, and returns the directory to serve.</summary>
    /// <param name="record">The machine.</param>
    /// <param name="instance">What tells one installation from another: the user data is run once for each.</param>
    /// <param name="userData">What the user wants done; null: nothing.</param>
    /// <param name="cards">Its cards: hardware address, address with prefix, gateway, name server.</param>
    public string WriteCloud(NodeRecord record, string instance, string? userData, IReadOnlyList<SeedCard> cards)
    {
        Prepare();
        Put(Path.Combine(Served, "meta-data"), $"instance-id: {instance}\nlocal-hostname: {record.Name ?? record.Id}\n");
        Put(Path.Combine(Served, "user-data"), userData ?? "#cloud-config\n{}\n");
        Put(Path.Combine(Served, "vendor-data"), "#cloud-config\n{}\n");
        Put(Path.Combine(Served, "network-config"), NetworkConfig(cards));
        return Served;
    }

    /// <summary>Takes all of it away.</summary>
    public void Delete()
    {
        if (System.IO.Directory.Exists(Directory))
        {
            System.IO.Directory.Delete(Directory, recursive: true);
        }
    }

    private static string NetworkConfig(IReadOnlyList<SeedCard> cards)
    {
        var text = new StringBuilder("version: 2\nethernets:\n");
        foreach (var (index, card) in cards.Index())
        {
            text.Append(CultureInfo.InvariantCulture, $"  eth{index}:\n    match: {{macaddress: \"{card.Mac}\"}}\n    set-name: eth{index}\n");
            text.Append(card.Address is null ? "    dhcp4: true\n" : $"    addresses: [{card.Address}]\n");
            if (card.Address is not null && card.Gateway is not null)
            {
                text.Append(CultureInfo.InvariantCulture, $"    gateway4: {card.Gateway}\n    nameservers: {{addresses: [{card.Gateway}]}}\n");
            }
        }

        return cards.Count == 0 ? "version: 2\nethernets: {}\n" : text.ToString();
    }

    private static void Put(string path, string text)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = OwnerOnly };
        using var file = new FileStream(path, options);
        file.Write(Encoding.UTF8.GetBytes(text));
    }

    private void Prepare() => System.IO.Directory.CreateDirectory(
        Served, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
}

/// <summary>A network card as a machine's own system is to set it up.</summary>
/// <param name="Mac">Its hardware address.</param>
/// <param name="Address">Its address with the network's prefix; null: by DHCP.</param>
/// <param name="Gateway">The segment's own address.</param>
internal sealed record SeedCard(string Mac, string? Address, string? Gateway);
