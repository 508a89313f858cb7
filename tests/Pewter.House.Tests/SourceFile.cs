using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace Pewter.House.Tests;

/// <summary>One C# file, parsed.</summary>
internal sealed class SourceFile
{
    public SourceFile(string path, string text)
    {
        Path = path;
        Text = SourceText.From(text);
        Root = CSharpSyntaxTree.ParseText(Text, new CSharpParseOptions(LanguageVersion.CSharp13)).GetCompilationUnitRoot();
    }

    public string Path { get; }

    public SourceText Text { get; }

    public CompilationUnitSyntax Root { get; }

    public bool IsProduct => Path.StartsWith("src/", StringComparison.Ordinal) || Path.StartsWith("apps/", StringComparison.Ordinal);

    public string Project => Path.Split('/') is [_, var project, ..] ? project : "";

    /// <summary>The file name up to its first dot: <c>Session.Flush.cs</c> holds a part of <c>Session</c>.</summary>
    public string Stem => System.IO.Path.GetFileName(Path).Split('.')[0];

    public IEnumerable<MemberDeclarationSyntax> TopLevelTypes => Root.DescendantNodes(node => node is CompilationUnitSyntax or BaseNamespaceDeclarationSyntax)
        .OfType<MemberDeclarationSyntax>().Where(node => node is BaseTypeDeclarationSyntax or DelegateDeclarationSyntax);

    public int LineOf(SyntaxNode node) => Text.Lines.GetLineFromPosition(node.SpanStart).LineNumber + 1;

    public int LinesOf(SyntaxNode node)
    {
        var span = Text.Lines.GetLinePositionSpan(node.Span);
        return span.End.Line - span.Start.Line + 1;
    }

    public static string NameOf(MemberDeclarationSyntax type) => type switch
    {
        BaseTypeDeclarationSyntax declaration => declaration.Identifier.Text,
        DelegateDeclarationSyntax declaration => declaration.Identifier.Text,
        _ => "",
    };
}
