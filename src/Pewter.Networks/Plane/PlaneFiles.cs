namespace Pewter.Networks.Plane;

/// <summary>Where the daemon and <c>pewter-netd</c> meet: plans by the daemon, leases by the other, and the socket between them.</summary>
internal sealed record PlaneFiles(string Directory, string RunDirectory)
{
    public string Plans => Path.Combine(Directory, "plans");

    public string LeaseDirectory => Path.Combine(Directory, "leases");

    public string Socket => Path.Combine(RunDirectory, "net.sock");

    public string LogFile => Path.Combine(Directory, "netd.log");

    public string Plan(string id) => Path.Combine(Plans, id + ".json");

    public string Leases(string id) => Path.Combine(LeaseDirectory, id + ".json");

    public void Prepare()
    {
        System.IO.Directory.CreateDirectory(Plans);
        System.IO.Directory.CreateDirectory(LeaseDirectory);
    }
}
