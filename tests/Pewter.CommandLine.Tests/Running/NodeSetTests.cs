using Pewter.CommandLine.Running;

namespace Pewter.CommandLine.Tests.Running;

public sealed class NodeSetTests
{
    [Theory]
    [InlineData("n1", "n1")]
    [InlineData("n1 n2 n3", "n[1-3]")]
    [InlineData("n3 n1 n2 n7 n7", "n[1-3,7]")]
    [InlineData("n1 n3 n5", "n[1,3,5]")]
    [InlineData("n1 n2 b/n1 b/n2 b/n9", "b/n[1-2,9],n[1-2]")]
    [InlineData("r01 r02 r10", "r[01-02],r10")]
    [InlineData("web db", "db,web")]
    [InlineData("", "")]
    [InlineData("n9 n10 n11", "n[9-11]")]
    public void Names_are_folded(string names, string folded) => Assert.Equal(folded, NodeSet.Fold(names.Split(' ', StringSplitOptions.RemoveEmptyEntries)));
}
