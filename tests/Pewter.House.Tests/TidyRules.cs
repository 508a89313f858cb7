using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Pewter.House.Tests;

/// <summary>
/// The rules of taste, each a name and what breaks it in one file. A new one is added to <see cref="All"/>, and an example of it to the tests.
/// </summary>
internal static partial class TidyRules
{
    public const int FileLinesMax = 500;
    public const int MethodLinesMax = 70;
    public const int ColumnsMax = 150;

    /// <summary>A test may lay an example out on one line.</summary>
    public const int TestColumnsMax = 160;

    /// <summary>Types that share a file are a family of small messages: together they are no longer than this.</summary>
    private const int FamilyLinesMax = 300;

    private static readonly string[] WireNameProjects = ["Pewter.NineP", "Pewter.Tree", "Pewter.Fuse"];
    private static readonly string[] NativeProjects = ["Pewter.Linux", "Pewter.Blocks"];

    public static IReadOnlyDictionary<string, Func<SourceFile, IEnumerable<Violation>>> All { get; } =
        new Dictionary<string, Func<SourceFile, IEnumerable<Violation>>>(StringComparer.Ordinal)
        {
            ["file-length"] = FileLength,
            ["method-length"] = MethodLength,
            ["columns"] = Columns,
            ["clock"] = Clock,
            ["delay"] = Delay,
            ["sleep"] = file => Access(file, "sleep", "Thread.Sleep"),
            ["shared-random"] = file => Access(file, "shared-random", "Random.Shared"),
            ["wire-path"] = WirePath,
            ["catch-all"] = CatchAll,
            ["directive"] = Directives,
            ["unfinished"] = Unfinished,
            ["type-per-file"] = TypePerFile,
            ["vague-name"] = VagueNames,
            ["native-call"] = NativeCalls,
        };

    public static IEnumerable<Violation> Check(SourceFile file) => All.Values.SelectMany(rule => rule(file));

    private static IEnumerable<Violation> FileLength(SourceFile file)
    {
        if (file.Text.Lines.Count - 1 > FileLinesMax)
        {
            yield return new Violation("file-length", file.Path, 1, $"{file.Text.Lines.Count - 1} lines, at most {FileLinesMax}");
        }
    }

    private static IEnumerable<Violation> MethodLength(SourceFile file) => file.Root.DescendantNodes()
        .Where(node => node is BaseMethodDeclarationSyntax or LocalFunctionStatementSyntax or AccessorDeclarationSyntax)
        .Where(node => file.LinesOf(node) > MethodLinesMax)
        .Select(node => new Violation("method-length", file.Path, file.LineOf(node), $"{file.LinesOf(node)} lines, at most {MethodLinesMax}"));

    private static IEnumerable<Violation> Columns(SourceFile file) => file.Text.Lines
        .Where(line => line.Span.Length > (file.IsProduct ? ColumnsMax : TestColumnsMax))
        .Select(line => new Violation("columns", file.Path, line.LineNumber + 1, $"{line.Span.Length} columns"));

    private static IEnumerable<Violation> Clock(SourceFile file) => Access(
        file, "clock", "DateTime.Now", "DateTime.UtcNow", "DateTime.Today", "DateTimeOffset.Now", "DateTimeOffset.UtcNow");

    private static IEnumerable<Violation> Delay(SourceFile file) => !file.IsProduct ? [] : file.Root.DescendantNodes()
        .OfType<InvocationExpressionSyntax>()
        .Where(call => call.Expression.ToString() == "Task.Delay" && !call.ArgumentList.Arguments.Skip(1).Any(IsTime))
        .Select(call => new Violation("delay", file.Path, file.LineOf(call), "Task.Delay without a TimeProvider"));

    private static bool IsTime(ArgumentSyntax argument) => TimeName().IsMatch(argument.Expression.ToString());

    private static IEnumerable<Violation> WirePath(SourceFile file) =>
        !file.IsProduct || !WireNameProjects.Contains(file.Project) ? [] : Access(file, "wire-path", "Path.Combine", "Path.Join");

    private static IEnumerable<Violation> CatchAll(SourceFile file) => !file.IsProduct ? [] : file.Root.DescendantNodes()
        .OfType<CatchClauseSyntax>()
        .Where(clause => clause.Filter is null && !Rethrows(clause))
        .Where(clause => clause.Declaration is null || clause.Declaration.Type.ToString() is "Exception" or "System.Exception")
        .Select(clause => new Violation("catch-all", file.Path, file.LineOf(clause), "catches every exception"));

    /// <summary>What undoes something and passes the exception on swallows nothing.</summary>
    private static bool Rethrows(CatchClauseSyntax clause) => clause.Block.Statements.LastOrDefault() is ThrowStatementSyntax { Expression: null };

    private static IEnumerable<Violation> Directives(SourceFile file) => file.Root.DescendantTrivia()
        .Where(trivia => trivia.IsKind(SyntaxKind.RegionDirectiveTrivia)
            || (trivia.IsKind(SyntaxKind.PragmaWarningDirectiveTrivia) && trivia.ToString().Contains("disable", StringComparison.Ordinal)))
        .Select(trivia => new Violation("directive", file.Path, LineOf(file, trivia), trivia.ToString().Trim()));

    private static IEnumerable<Violation> Unfinished(SourceFile file) => file.Root.DescendantTrivia()
        .Where(trivia => trivia.Kind() is SyntaxKind.SingleLineCommentTrivia or SyntaxKind.MultiLineCommentTrivia
            or SyntaxKind.SingleLineDocumentationCommentTrivia && UnfinishedMark().IsMatch(trivia.ToFullString()))
        .Select(trivia => new Violation("unfinished", file.Path, LineOf(file, trivia), UnfinishedMark().Match(trivia.ToFullString()).Value))
        .Where(violation => violation.What.Length != 0);

    private static IEnumerable<Violation> TypePerFile(SourceFile file)
    {
        var names = file.TopLevelTypes.Select(SourceFile.NameOf).ToList();
        if (names.Count == 0)
        {
            if (!file.Root.Members.OfType<GlobalStatementSyntax>().Any() && file.Root.AttributeLists.Count == 0)
            {
                yield return new Violation("type-per-file", file.Path, 1, "holds nothing");
            }

            yield break;
        }

        if (IsFamily(file))
        {
            yield break;
        }

        if (!names.Contains(file.Stem))
        {
            yield return new Violation("type-per-file", file.Path, 1, $"holds {string.Join(", ", names)}, not {file.Stem}");
        }
        else if (names.Count > 1 && file.Text.Lines.Count > FamilyLinesMax)
        {
            yield return new Violation("type-per-file", file.Path, 1, $"{names.Count} types in {file.Text.Lines.Count} lines");
        }
    }

    /// <summary>Several small messages, laid out on the wire: structs, records and enums without a class among them.</summary>
    private static bool IsFamily(SourceFile file) => file.TopLevelTypes.Count() > 1 && file.Text.Lines.Count <= FamilyLinesMax
        && file.TopLevelTypes.All(type => type is StructDeclarationSyntax or RecordDeclarationSyntax or EnumDeclarationSyntax);

    private static IEnumerable<Violation> VagueNames(SourceFile file) => file.TopLevelTypes.Select(SourceFile.NameOf)
        .Concat(file.Path.Split('/')).Where(name => VagueName().IsMatch(name))
        .Select(name => new Violation("vague-name", file.Path, 1, name));

    private static IEnumerable<Violation> NativeCalls(SourceFile file) => !file.IsProduct || NativeProjects.Contains(file.Project) ? [] : file.Root
        .DescendantNodes().OfType<AttributeSyntax>()
        .Where(attribute => attribute.Name.ToString() is "LibraryImport" or "DllImport")
        .Select(attribute => new Violation("native-call", file.Path, file.LineOf(attribute), "P/Invoke outside Pewter.Linux"));

    private static IEnumerable<Violation> Access(SourceFile file, string rule, params string[] members) => file.Root.DescendantNodes()
        .OfType<MemberAccessExpressionSyntax>()
        .Where(access => members.Contains(access.ToString()) || members.Any(member => access.ToString() == "System." + member))
        .Select(access => new Violation(rule, file.Path, file.LineOf(access), access.ToString()));

    private static int LineOf(SourceFile file, SyntaxTrivia trivia) => file.Text.Lines.GetLineFromPosition(trivia.SpanStart).LineNumber + 1;

    [GeneratedRegex("(time|clock|timeprovider)$", RegexOptions.IgnoreCase)]
    private static partial Regex TimeName();

    [GeneratedRegex(@"\b(TODO|FIXME|HACK|XXX)\b")]
    private static partial Regex UnfinishedMark();

    [GeneratedRegex("(Common|Utils?|Utilities|Helpers?|Manager)(?=$|[A-Z.])")]
    private static partial Regex VagueName();
}
