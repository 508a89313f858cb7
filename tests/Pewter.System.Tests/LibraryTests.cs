namespace Pewter.System.Tests;

/// <summary><c>libpewter</c> as programs in C and Python use it, over a real daemon and cells.</summary>
public sealed class LibraryTests(Lab lab) : IClassFixture<Lab>
{
    [Fact]
    public async Task A_C_program_gets_what_the_header_promises()
    {
        RequireLibrary();
        await CheckAsync("library");
    }

    [Fact]
    public async Task A_C_program_gets_the_mail_that_the_header_promises()
    {
        RequireLibrary();
        await CheckAsync("mail");
    }

    [Fact]
    public async Task The_printer_example_in_Python_is_found_by_its_name()
    {
        RequireLibrary();
        var printer = $"LIBPEWTER={Library} python3 -B {Root}/examples/mail-python/printer.py";
        var result = await lab.System.ShellAsync(
            $"command -v python3 >/dev/null || exit 77; {printer} serve & {printer} one 'two words' && wait $!");
        Assert.SkipWhen(result.ExitCode == 77, "skipped, because python3 is not installed");
        Assert.True(result.ExitCode == 0, result.Output + result.Error);
        Assert.Equal("up printer@{8080,1}\nprinted one\nprinted two words\ndown printer@{8080,1}\n", result.Output);
    }

    [Fact]
    public async Task The_header_is_C_plus_plus_too()
    {
        RequireLibrary();
        var compiled = await Testing.Shell.RunAsync(
            "command -v g++ >/dev/null || exit 77; echo '#include <pewter.h>'"
            + $" | g++ -x c++ -Wall -Wextra -Werror -I {Root}/apps/libpewter -fsyntax-only -");
        Assert.SkipWhen(compiled.ExitCode == 77, "skipped, because g++ is not installed");
        Assert.True(compiled.ExitCode == 0, compiled.Errors);
    }

    [Fact]
    public async Task The_monte_carlo_example_in_C_brings_its_worker_to_the_nodes()
    {
        RequireLibrary();
        var system = lab.System;
        var result = await system.ShellAsync(
            $"cp -r {Root}/examples/monte-carlo-c {system.State}/c && cd {system.State}/c && rm -f main worker"
            + $" && gcc -O2 -std=c99 -D_DEFAULT_SOURCE -Wall -Wextra -Werror -I {Root}/apps/libpewter -o main main.c {Library}"
            + " && gcc -O2 -std=c99 -Wall -Wextra -Werror -static -o worker worker.c"
            + $" && LD_LIBRARY_PATH={Path.GetDirectoryName(Library)} ./main 10 1000000");
        Assert.True(result.ExitCode == 0, result.Output + result.Error);
        Assert.StartsWith("10 results, 10000000 points: pi = 3.14", result.Output);
    }

    [Fact]
    public async Task The_monte_carlo_example_in_Python_brings_itself_to_the_nodes()
    {
        RequireLibrary();
        var system = lab.System;
        var result = await system.ShellAsync(
            $"command -v python3 >/dev/null || exit 77; LIBPEWTER={Library} python3 -B {Root}/examples/monte-carlo-python/monte_carlo.py 10 20000");
        Assert.SkipWhen(result.ExitCode == 77, "skipped, because python3 is not installed");
        Assert.True(result.ExitCode == 0, result.Output + result.Error);
        Assert.StartsWith("10 results, 200000 points: pi = 3.1", result.Output);
    }

    private static string Root => Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../../.."));

    private static string Library => Path.Combine(Root, "artifacts/libpewter/libpewter.so");

    private async Task CheckAsync(string program)
    {
        var system = lab.System;
        var result = await system.ShellAsync(
            $"gcc -std=c99 -D_DEFAULT_SOURCE -Wall -Wextra -Werror -I {Root}/apps/libpewter -o {system.State}/{program}.program"
            + $" {Root}/tests/Pewter.System.Tests/Native/{program}.c {Library}"
            + $" && LD_LIBRARY_PATH={Path.GetDirectoryName(Library)} {system.State}/{program}.program");
        Assert.True(result.ExitCode == 0, result.Output + result.Error);
        Assert.Equal("ok\n", result.Output);
    }

    private static void RequireLibrary()
    {
        Programs.RequireCells();
        Assert.SkipUnless(File.Exists(Library), "skipped, because libpewter is not built: run it by ./test");
        Assert.SkipUnless(File.Exists("/usr/bin/gcc"), "skipped, because gcc is not installed");
    }
}
