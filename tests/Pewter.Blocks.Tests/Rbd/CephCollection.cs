using Pewter.Testing.Ceph;

namespace Pewter.Blocks.Tests.Rbd;

/// <summary>The tests that share one Ceph cluster.</summary>
[CollectionDefinition(Name)]
public sealed class CephCollection : ICollectionFixture<CephFixture>
{
    public const string Name = "ceph";
}
