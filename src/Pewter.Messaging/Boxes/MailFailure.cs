using Pewter.Mail;
using Pewter.NineP;

namespace Pewter.Messaging.Boxes;

/// <summary>What went wrong with mail, as the tree says it.</summary>
internal static class MailFailure
{
    /// <summary>Reads a target; EINVAL when it is none.</summary>
    internal static MailTarget Target(string text)
    {
        try
        {
            return MailTarget.Parse(text);
        }
        catch (MailException failure)
        {
            throw From(failure);
        }
    }

    internal static FileException From(MailException failure) => new((Errno)failure.Errno, failure.Message);
}
