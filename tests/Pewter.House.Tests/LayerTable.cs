using System.Globalization;

namespace Pewter.House.Tests;

/// <summary>The table of layers in ARCHITECTURE.md: <c>| layer | `Pewter.X` | is | may reference |</c>.</summary>
internal sealed class LayerTable
{
    private readonly Dictionary<string, Row> _rows = new(StringComparer.Ordinal);

    public IReadOnlyCollection<string> Projects => _rows.Keys;

    public static LayerTable Parse(string markdown)
    {
        var table = new LayerTable();
        foreach (var line in markdown.Split('\n').Where(line => line.StartsWith('|')))
        {
            var cells = line.Split('|', StringSplitOptions.TrimEntries)[1..^1];
            if (cells.Length != 4 || !int.TryParse(cells[0], CultureInfo.InvariantCulture, out var layer))
            {
                continue;
            }

            var allowed = cells[3] == "–" ? [] : cells[3].Split(',', StringSplitOptions.TrimEntries).Select(name => "Pewter." + name);
            table._rows.Add(cells[1].Trim('`'), new Row(layer, [.. allowed]));
        }

        return table;
    }

    /// <summary>What is wrong with these projects, a sentence each.</summary>
    public IEnumerable<string> Violations(IReadOnlyCollection<ProjectFile> projects)
    {
        foreach (var project in projects.Where(project => project.Folder == "src"))
        {
            if (!_rows.TryGetValue(project.Name, out var row))
            {
                yield return $"{project.Name} has no row in the table of layers.";
                continue;
            }

            foreach (var reference in project.References)
            {
                if (!row.Allowed.Contains(reference))
                {
                    yield return $"{project.Name} references {reference}, which its row does not allow.";
                }
                else if (!_rows.TryGetValue(reference, out var below) || below.Layer >= row.Layer)
                {
                    yield return $"{project.Name} of layer {row.Layer} references {reference}, which is not of a lower layer.";
                }
            }
        }

        foreach (var project in projects.Where(project => project.Folder == "apps"))
        {
            foreach (var reference in project.References.Where(reference => !_rows.ContainsKey(reference)))
            {
                yield return $"The program {project.Name} references {reference}, which is no library of the table.";
            }
        }

        foreach (var missing in _rows.Keys.Except(projects.Select(project => project.Name)))
        {
            yield return $"The table of layers has a row for {missing}, which does not exist.";
        }
    }

    private sealed record Row(int Layer, string[] Allowed);
}
