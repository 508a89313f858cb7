namespace Pewter.CommandLine.Output;

/// <summary>Modes as <c>ls -l</c> writes them.</summary>
internal static class ModeText
{
    public static string Text(uint mode) => string.Create(10, mode, static (text, mode) =>
    {
        const string Letters = "rwxrwxrwx";
        text[0] = (mode & 0xF000) switch { 0x4000 => 'd', 0xA000 => 'l', 0x1000 => 'p', 0xC000 => 's', 0x2000 => 'c', 0x6000 => 'b', _ => '-' };
        for (var bit = 0; bit < Letters.Length; bit++)
        {
            text[bit + 1] = (mode & (0x100u >> bit)) != 0 ? Letters[bit] : '-';
        }
    });

    public static string Octal(uint mode) => Convert.ToString(mode & 0xFFF, 8).PadLeft(4, '0');
}
