using System.CommandLine;

namespace Pewter.CommandLine.Commands;

/// <summary><c>pewter completion</c>: a script that teaches a shell the commands. The shell asks <c>pewter complete</c> at each tab.</summary>
internal sealed class CompletionCommand : PewterCommand
{
    private const string Bash = """
        # pewter completion bash > ~/.local/share/bash-completion/completions/pewter
        _pewter() {
            local line
            COMPREPLY=()
            while IFS= read -r line; do COMPREPLY+=("$line"); done < <("${COMP_WORDS[0]}" complete -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
            if [ "${#COMPREPLY[@]}" = 1 ] && [ "${COMPREPLY[0]%/}" != "${COMPREPLY[0]}" ]; then compopt -o nospace 2>/dev/null; fi
        }
        complete -F _pewter pewter ./pewter

        """;

    private const string Zsh = """
        #compdef pewter
        # pewter completion zsh > "${fpath[1]}/_pewter"
        _pewter() {
            local -a found
            found=("${(@f)$(${words[1]} complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)}")
            compadd -Q -- $found
        }
        compdef _pewter pewter

        """;

    private const string Fish = """
        # pewter completion fish > ~/.config/fish/completions/pewter.fish
        function __pewter_complete
            set -l words (commandline -opc) (commandline -ct)
            $words[1] complete -- $words[2..-1] 2>/dev/null
        end
        complete -c pewter -f -a '(__pewter_complete)'

        """;

    private readonly Argument<string> _shell =
        new Argument<string>("SHELL") { Description = "bash, zsh or fish" }.AcceptOnlyFromAmong("bash", "zsh", "fish");

    public CompletionCommand(CommandHost host)
        : base(host, "completion", "Print the completion script of a shell") => Add(_shell);

    protected override async ValueTask<int> RunAsync(CommandContext context)
    {
        var script = context.Value(_shell) switch { "bash" => Bash, "zsh" => Zsh, _ => Fish };
        await context.Output.TextAsync(script, context.Cancellation);
        return ExitCode.Ok;
    }
}
