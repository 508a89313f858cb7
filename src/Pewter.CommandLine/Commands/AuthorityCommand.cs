using System.CommandLine;

namespace Pewter.CommandLine.Commands;

/// <summary><c>pewter ca</c>: the built-in certificate authority.</summary>
internal sealed class AuthorityCommand : CommandGroup
{
    public AuthorityCommand(CommandHost host)
        : base("ca", "Show the certificate authority; issue and revoke client certificates")
    {
        Add(new PrintCommand(host, "show", "Print the authority's certificate", "/ca/cert"));
        Add(new PrintCommand(host, "crl", "Print the revocation list", "/ca/crl"));
        Add(new ClientCommand(host));
        Add(new RevokeCommand(host));
    }

    private sealed class PrintCommand(CommandHost host, string name, string description, string path) : PewterCommand(host, name, description)
    {
        protected override async ValueTask<int> RunAsync(CommandContext context)
        {
            var tree = await context.ConnectAsync();
            await context.Output.TextAsync(await tree.ReadTextAsync(path, context.Cancellation), context.Cancellation);
            return ExitCode.Ok;
        }
    }

    private sealed class ClientCommand : PewterCommand
    {
        private const UnixFileMode PrivateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;

        private readonly AccessOptions _access = new();
        private readonly Option<string> _directory = new("--out")
        {
            Description = "Where USER.crt and USER.key are written", HelpName = "DIR", DefaultValueFactory = _ => ".",
        };
        private readonly Option<bool> _dryRun = TreeArguments.DryRun();

        public ClientCommand(CommandHost host)
            : base(host, "client", "Issue a client certificate, with its key in a file that only you may read")
        {
            _access.AddTo(this);
            Add(_directory);
            Add(_dryRun);
        }

        protected override async ValueTask<int> RunAsync(CommandContext context)
        {
            var place = Path.Combine(context.Value(_directory)!, Path.GetFileName(context.Value(_access.User)!));
            var words = _access.Words(context, "client").ToList();
            if (context.Value(_dryRun))
            {
                context.Say($"would write {place}.crt and {place}.key");
                return ExitCode.Ok;
            }

            var tree = await context.ConnectAsync();
            var issued = (await tree.CommandAsync("/ca/ctl", words, context.Cancellation))[0];
            await WriteAsync($"{place}.crt", issued.Text("certificate"), PrivateMode | UnixFileMode.GroupRead | UnixFileMode.OtherRead, context);
            await WriteAsync($"{place}.key", issued.Text("key"), PrivateMode, context);
            context.Say($"{place}.crt and {place}.key are written; serial {issued.Text("serial")}");
            return ExitCode.Ok;
        }

        private static async ValueTask WriteAsync(string path, string pem, UnixFileMode mode, CommandContext context)
        {
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = mode };
            await using var stream = new FileStream(path, options);
            await using var writer = new StreamWriter(stream);
            await writer.WriteAsync(pem.AsMemory(), context.Cancellation);
        }
    }

    private sealed class RevokeCommand : PewterCommand
    {
        private readonly Argument<string> _serial = new("SERIAL") { Description = "The certificate's serial number" };
        private readonly Option<bool> _dryRun = TreeArguments.DryRun();

        public RevokeCommand(CommandHost host)
            : base(host, "revoke", "Revoke a certificate and end the connections made with it")
        {
            Add(_serial);
            Add(_dryRun);
        }

        protected override async ValueTask<int> RunAsync(CommandContext context)
        {
            if (context.Value(_dryRun))
            {
                context.Say($"would revoke {context.Value(_serial)}");
                return ExitCode.Ok;
            }

            var tree = await context.ConnectAsync();
            await tree.CommandAsync("/ca/ctl", ["revoke", context.Value(_serial)!], context.Cancellation);
            context.Say($"{context.Value(_serial)} is revoked");
            return ExitCode.Ok;
        }
    }
}
