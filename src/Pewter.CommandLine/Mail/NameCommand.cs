using System.CommandLine;

namespace Pewter.CommandLine.Mail;

/// <summary><c>pewter name</c>: who is bound to which name, and names coming and going.</summary>
internal sealed class NameCommand : Command
{
    public NameCommand(CommandHost host)
        : base("name", "Look at the names of mailboxes, and watch them come and go")
    {
        Add(new NameListCommand(host));
        var one = new Argument<string>("NAME") { Description = "One name's id; all when not given", DefaultValueFactory = _ => "" };
        Add(new Commands.EventsCommand(host, "/name", one, "watch"));
    }
}
