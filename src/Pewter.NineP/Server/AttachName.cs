namespace Pewter.NineP.Server;

/// <summary>
/// An aname, <c>path,option,…</c>. Options are parted by ',' or, since Linux's mount parts its own by that, by ';'. The server takes the
/// options that concern the protocol; the path and the other options go on to the attach point as they are.
/// </summary>
/// <param name="AccessName">What the attach point sees.</param>
/// <param name="Stream">Option <c>stream=1</c>.</param>
internal sealed record AttachName(string AccessName, bool Stream)
{
    public static AttachName Parse(string text)
    {
        var parts = text.Split(',', ';');
        var stream = false;
        var kept = parts.Where((part, index) => index == 0 || !TakeStream(part, ref stream)).ToArray();
        return new AttachName(string.Join(',', kept), stream);
    }

    private static bool TakeStream(string part, ref bool stream)
    {
        if (part is not ("stream=1" or "stream=0"))
            return false;
        stream = part == "stream=1";
        return true;
    }
}
