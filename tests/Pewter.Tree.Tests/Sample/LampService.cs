using System.Text;
using Pewter.NineP;
using Pewter.NineP.Serving;

namespace Pewter.Tree.Tests;

/// <summary>A whole service as its author writes it: one declaration, and calls to <c>Changed</c> where its objects change.</summary>
internal sealed class LampService : IAsyncDisposable
{
    public LampService(TimeProvider time, UnionDirectory? union = null)
    {
        Lamps = new Collection<Lamp>(Declare(), time, new CommandSet<Collection<Lamp>>()
            .Add("all-off", "Switches every lamp off.", (lamps, _) => AllOff(lamps)));
        Root = new TreeDirectory()
            .Add("version", new TextFile(() => "lamps 1"))
            .Add("lamp", union?.Set(new(null, "", Lamps)) ?? (TreeFile)Lamps);
    }

    public TreeDirectory Root { get; }

    public Collection<Lamp> Lamps { get; }

    public List<string> Reaped { get; } = [];

    public TreeClient As(Caller caller) => new(Root, caller);

    public ValueTask DisposeAsync() => Lamps.DisposeAsync();

    public void Break(Lamp lamp, int code)
    {
        (lamp.State, lamp.Code) = ("broken", code);
        Lamps.Changed(lamp.Made.Number);
    }

    public Lamp Add(Caller caller, string? name = null)
    {
        var lamp = new Lamp(Lamps.Next(caller));
        Lamps.Add(lamp.Made.Number, lamp, name);
        return lamp;
    }

    private ObjectKind<Lamp> Declare() => new()
    {
        Prefix = "l",
        Fields = new Fields<Lamp>()
            .Int("brightness", lamp => lamp.Brightness, indexed: true)
            .Text("color", lamp => lamp.Color, indexed: true)
            .Tags("tags", lamp => lamp.Tags)
            .Text("note", lamp => lamp.Note.Length == 0 ? null : lamp.Note),
        States = new(lamp => lamp.State, ["off", "on", "broken"], ["broken"], (line, lamp) => line.Pair("code", lamp.Code)),
        Owner = lamp => lamp.Made.Owner,
        Commands = new CommandSet<Lamp>()
            .Add("on", "Switches it on.", (lamp, _) => lamp.Switch("on"))
            .Add("off", "Switches it off.", (lamp, _) => lamp.Switch("off"))
            .Add("dim <percent:int> [over=duration]", "Changes the brightness.", (lamp, call, _) => Dim(lamp, call))
            .Add("tag <tag...>", "Adds tags.", (lamp, call) => lamp.Tags.AddRange(call.Words("tag")))
            .Add("name <name>", "Binds a name.", (lamp, call) => Lamps.Rename(lamp.Made.Number, call.Word("name")))
            .Add("sleep <time:duration>", "Waits.", (_, call, cancellation) => new ValueTask(Task.Delay(call.Duration("time"), cancellation))),
        Files = (directory, lamp) => directory
            .Add("note", new DocumentFile(() => Encoding.UTF8.GetBytes(lamp.Note), (text, _) => lamp.Note = Encoding.UTF8.GetString(text.Span), 100)),
        Create = (made, _) => new(new Lamp(made)),
        IsBusy = lamp => lamp.IsBusy,
        Reap = (lamp, _) =>
        {
            Reaped.Add(lamp.Made.Id);
            return ValueTask.CompletedTask;
        },
    };

    private static ValueTask<CommandResult> Dim(Lamp lamp, CommandCall call)
    {
        if (call.Int("percent") is < 0 or > 100)
        {
            throw new FileException(Errno.EINVAL, "percent must be 0 to 100.");
        }

        lamp.Brightness = call.Int("percent");
        return new(CommandResult.Of("was_over", call.Duration("over").ToString()));
    }

    private static void AllOff(Collection<Lamp> lamps)
    {
        foreach (var lamp in lamps.All())
        {
            lamp.Item.State = "off";
            lamps.Changed(lamp.Number);
        }
    }
}
