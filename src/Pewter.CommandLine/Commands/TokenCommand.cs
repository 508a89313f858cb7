using System.CommandLine;
using System.Text.Json;
using Pewter.CommandLine.Output;

namespace Pewter.CommandLine.Commands;

/// <summary><c>pewter token</c>: access for programs and people elsewhere.</summary>
internal sealed class TokenCommand : CommandGroup
{
    public TokenCommand(CommandHost host)
        : base("token", "Make, list and revoke tokens")
    {
        Add(new CreateCommand(host));
        Add(new ListTokensCommand(host));
        Add(new RevokeCommand(host));
    }

    private sealed class CreateCommand : PewterCommand
    {
        private static readonly Table<JsonElement> Table = new Table<JsonElement>(token => token.GetProperty("token").GetString()!)
            .Text("id", token => token.GetProperty("id").GetString())
            .Text("user", token => token.GetProperty("user").GetString())
            .Text("expires", token => token.GetProperty("expires").GetString())
            .Text("token", token => token.GetProperty("token").GetString());

        private readonly AccessOptions _access = new();
        private readonly Option<string?> _path = new("--path") { Description = "Only this part of the tree", HelpName = "PATH" };
        private readonly Option<string?> _note = new("--note") { Description = "What it is for", HelpName = "TEXT" };
        private readonly Option<bool> _dryRun = TreeArguments.DryRun();

        public CreateCommand(CommandHost host)
            : base(host, "create", "Make a token; its words are shown this once")
        {
            _access.AddTo(this);
            foreach (var option in (Option[])[_path, _note, _dryRun])
            {
                Add(option);
            }
        }

        protected override async ValueTask<int> RunAsync(CommandContext context)
        {
            List<string> words = [.. _access.Words(context, "create")];
            words.AddRange(context.Value(_path) is { } path ? [$"path={path}"] : []);
            words.AddRange(context.Value(_note) is { } note ? [$"note={note}"] : []);
            if (context.Value(_dryRun))
            {
                context.Say($"would write to /token/ctl: {string.Join(' ', words)}");
                return ExitCode.Ok;
            }

            var tree = await context.ConnectAsync();
            var replies = await tree.CommandAsync("/token/ctl", words, context.Cancellation);
            await context.Output.OneAsync(Table, replies[0].Line, context.Cancellation);
            return ExitCode.Ok;
        }
    }

    private sealed class ListTokensCommand(CommandHost host) : PewterCommand(host, "list", "List the tokens; their words are not kept")
    {
        private static readonly Table<JsonElement> Table = new Table<JsonElement>(token => token.GetProperty("id").GetString()!)
            .Text("id", token => token.GetProperty("id").GetString())
            .Text("user", token => token.GetProperty("user").GetString())
            .Text("scope", token => token.GetProperty("scope").GetString())
            .Flag("admin", token => token.GetProperty("admin").GetBoolean())
            .Flag("readonly", token => token.GetProperty("readonly").GetBoolean())
            .Text("expires", token => token.GetProperty("expires").GetString())
            .Text("note", token => token.GetProperty("note").GetString());

        protected override async ValueTask<int> RunAsync(CommandContext context)
        {
            var tree = await context.ConnectAsync();
            using var tokens = JsonDocument.Parse(await tree.ReadTextAsync("/token/json", context.Cancellation));
            await context.Output.ListAsync(Table, tokens.RootElement.EnumerateArray(), context.Cancellation);
            return ExitCode.Ok;
        }
    }

    private sealed class RevokeCommand : PewterCommand
    {
        private readonly Argument<string> _id = new("ID") { Description = "The token's id, as 'pewter token list' shows it" };
        private readonly Option<bool> _dryRun = TreeArguments.DryRun();

        public RevokeCommand(CommandHost host)
            : base(host, "revoke", "End a token and every connection made with it")
        {
            Add(_id);
            Add(_dryRun);
        }

        protected override async ValueTask<int> RunAsync(CommandContext context)
        {
            if (context.Value(_dryRun))
            {
                context.Say($"would revoke {context.Value(_id)}");
                return ExitCode.Ok;
            }

            var tree = await context.ConnectAsync();
            await tree.CommandAsync("/token/ctl", ["revoke", context.Value(_id)!], context.Cancellation);
            context.Say($"{context.Value(_id)} is revoked");
            return ExitCode.Ok;
        }
    }
}
