using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Pewter.Configuration;

/// <summary>
/// Reads a YAML file into flat keys with their lines. Uses YamlDotNet's parser of events, never its serializer: that one needs reflection,
/// which a NativeAOT program does not have.
/// </summary>
internal sealed class YamlSettings
{
    private readonly string _file;
    private readonly List<ConfigurationError> _errors;
    private readonly Dictionary<string, ConfigurationValue> _values = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SourceLocation> _sections = new(StringComparer.Ordinal);

    private YamlSettings(string file, List<ConfigurationError> errors) => (_file, _errors) = (file, errors);

    public static IReadOnlyDictionary<string, ConfigurationValue> Read(string file, TextReader reader, List<ConfigurationError> errors)
    {
        var settings = new YamlSettings(file, errors);
        try
        {
            settings.ReadStream(new Parser(reader));
        }
        catch (YamlException exception)
        {
            errors.Add(new ConfigurationError(settings.At(exception.Start), $"This is not YAML: {exception.Message}"));
        }

        return settings._values;
    }

    private void ReadStream(Parser parser)
    {
        parser.Consume<StreamStart>();
        while (!parser.TryConsume<StreamEnd>(out _))
        {
            parser.Consume<DocumentStart>();
            if (parser.TryConsume<MappingStart>(out _))
            {
                ReadMapping(parser, "");
            }
            else if (!parser.TryConsume<Scalar>(out var scalar) || scalar.Value.Length != 0)
            {
                _errors.Add(new ConfigurationError(At(parser.Current!.Start), "The file must hold keys and values, such as 'name: lab1'."));
                return;
            }

            parser.Consume<DocumentEnd>();
        }
    }

    private void ReadMapping(Parser parser, string prefix)
    {
        while (!parser.TryConsume<MappingEnd>(out _))
        {
            var key = parser.Consume<Scalar>();
            var path = prefix + key.Value;
            if (parser.TryConsume<MappingStart>(out _))
            {
                ReadMapping(parser, path + ".");
            }
            else if (parser.TryConsume<SequenceStart>(out _))
            {
                Add(path, ReadSequence(parser), true, key.Start);
            }
            else if (parser.TryConsume<Scalar>(out var scalar))
            {
                Add(path, IsNull(scalar) ? [] : [scalar.Value], false, key.Start);
            }
            else
            {
                _errors.Add(new ConfigurationError(At(key.Start), "Anchors and aliases are not supported here."));
                parser.SkipThisAndNestedEvents();
            }
        }
    }

    private List<string> ReadSequence(Parser parser)
    {
        var items = new List<string>();
        while (!parser.TryConsume<SequenceEnd>(out _))
        {
            if (parser.TryConsume<Scalar>(out var item))
            {
                items.Add(item.Value);
            }
            else
            {
                _errors.Add(new ConfigurationError(At(parser.Current!.Start), "A list may hold only plain values."));
                parser.SkipThisAndNestedEvents();
            }
        }

        return items;
    }

    private void Add(string path, List<string> items, bool isList, Mark start)
    {
        if (_sections.TryGetValue(path, out var first))
        {
            _errors.Add(new ConfigurationError(At(start), $"'{path}' is set twice; first at line {first.Line}."));
            return;
        }

        _sections.Add(path, At(start));
        if (items.Count != 0 || isList)
        {
            _values.Add(path, new ConfigurationValue(items, isList, At(start)));
        }
    }

    private static bool IsNull(Scalar scalar) => scalar.Style == ScalarStyle.Plain && scalar.Value is "" or "~" or "null";

    private SourceLocation At(Mark mark) => new(_file, (int)mark.Line);
}
