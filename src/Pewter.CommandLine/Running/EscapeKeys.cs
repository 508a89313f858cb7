namespace Pewter.CommandLine.Running;

/// <summary>
/// The way out of a raw terminal, where Ctrl-C is the program's: <c>~.</c> at the start of a line, as in ssh; <c>~~</c> types one. Used by
/// one reader.
/// </summary>
internal sealed class EscapeKeys
{
    private const byte Tilde = (byte)'~';

    private bool _isLineStart = true;
    private bool _isHeld;

    /// <summary>Passes typed bytes on.</summary>
    /// <param name="typed">What was typed.</param>
    /// <param name="passed">Gets what the program is to have.</param>
    /// <returns>False when the person wants out; what came before is in <paramref name="passed"/>.</returns>
    public bool Pass(ReadOnlySpan<byte> typed, List<byte> passed)
    {
        foreach (var key in typed)
        {
            if (_isHeld)
            {
                _isHeld = false;
                if (key == (byte)'.')
                {
                    return false;
                }

                if (key != Tilde)
                {
                    passed.Add(Tilde);
                }
            }
            else if (key == Tilde && _isLineStart)
            {
                _isHeld = true;
                _isLineStart = false;
                continue;
            }

            passed.Add(key);
            _isLineStart = key is (byte)'\r' or (byte)'\n';
        }

        return true;
    }
}
