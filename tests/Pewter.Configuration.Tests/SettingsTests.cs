namespace Pewter.Configuration.Tests;

public sealed class SettingsTests
{
    [Fact]
    public void A_flag_wins_over_the_environment_that_wins_over_the_user_that_wins_over_the_system()
    {
        var settings = new SettingsLoader(PewterSettings.Schema)
            .AddYaml("system.yaml", new StringReader("name: system\nstore: system\nurl: system\nsocket: system\n"))
            .AddYaml("user.yaml", new StringReader("name: user\nstore: user\nurl: user\n"))
            .AddEnvironment(name => name is "PEWTER_NAME" or "PEWTER_STORE" ? "environment" : null)
            .AddFlag("--name", "name", "flag")
            .Load();
        Assert.Equal(["flag", "environment", "user", "system"], new[] { "name", "store", "url", "socket" }.Select(settings.Text));
        Assert.Equal("--name", settings.LocationOf("name")?.ToString());
        Assert.Equal("user.yaml:3", settings.LocationOf("url")?.ToString());
    }

    [Fact]
    public void An_unknown_key_is_an_error_with_file_line_and_suggestion()
    {
        var error = Assert.Single(Errors("name: a\nlog:\n  levle: debug\n"));
        Assert.Equal("test.yaml:3: There is no setting 'log.levle'. Did you mean 'log.level'?", error.ToString());
    }

    [Fact]
    public void All_errors_are_shown_together()
    {
        var errors = Errors("nmae: a\nstop:\n  grace: soon\nlog:\n  level: inof\nname: [a, b]\nevents:\n  keep: -1\n");
        Assert.Equal(5, errors.Count);
        Assert.Contains(errors, error => error.Message.Contains("Did you mean 'info'?", StringComparison.Ordinal));
        Assert.Equal([1, 3, 5, 6, 8], errors.Select(error => error.Location.Line));
    }

    [Theory]
    [InlineData("name: [\n")]
    [InlineData("name: a\n  b: c\n")]
    public void Text_that_is_not_yaml_is_an_error_with_its_line(string text) => Assert.All(Errors(text), error => Assert.True(error.Location.Line > 0));

    [Theory]
    [InlineData("just text\n", "keys and values")]
    [InlineData("name: a\nname: b\n", "set twice; first at line 1")]
    [InlineData("listen: [{a: b}]\n", "only plain values")]
    [InlineData("name: *x\n", "aliases")]
    public void Each_mistake_has_its_sentence(string text, string sentence) =>
        Assert.Contains(Errors(text), error => error.Message.Contains(sentence, StringComparison.Ordinal));

    [Theory]
    [InlineData("")]
    [InlineData("# nothing\n")]
    [InlineData("name:\n")]
    public void An_empty_file_sets_nothing(string text) => Assert.Empty(Load(text).Keys);

    [Fact]
    public void Lists_come_from_yaml_and_from_the_environment_with_commas()
    {
        Assert.Equal(["a", "b"], Load("listen: [a, b]\n").List("listen"));
        Assert.Equal(["a"], Load("listen: a\n").List("listen"));
        var environment = new SettingsLoader(PewterSettings.Schema).AddEnvironment(name => name == "PEWTER_LISTEN" ? "a, b," : null).Load();
        Assert.Equal(["a", "b"], environment.List("listen"));
    }

    [Fact]
    public void Files_of_a_directory_are_read_in_the_order_of_their_names_and_a_missing_one_is_no_error()
    {
        var directory = Directory.CreateTempSubdirectory("pw-conf-");
        try
        {
            File.WriteAllText(Path.Combine(directory.FullName, "20-b.yaml"), "name: second\n");
            File.WriteAllText(Path.Combine(directory.FullName, "10-a.yaml"), "name: first\nstore: first\n");
            File.WriteAllText(Path.Combine(directory.FullName, "30-c.txt"), "name: ignored\n");
            var settings = new SettingsLoader(PewterSettings.Schema)
                .AddFile("/nowhere/pewter.yaml").AddDirectory("/nowhere").AddDirectory(directory.FullName).Load();
            Assert.Equal("second", settings.Text("name"));
            Assert.Equal("first", settings.Text("store"));
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    [Theory]
    [InlineData("250ms", 0.25)]
    [InlineData("30", 30)]
    [InlineData("1.5m", 90)]
    [InlineData("2h", 7200)]
    [InlineData("1d", 86400)]
    public void Durations_are_read(string text, double seconds)
    {
        Assert.True(Duration.TryParse(text, out var duration));
        Assert.Equal(seconds, duration.TotalSeconds);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-1s")]
    [InlineData("1y")]
    [InlineData("s")]
    [InlineData("1e99d")]
    public void What_is_no_duration_is_refused(string text) => Assert.False(Duration.TryParse(text, out _));

    [Theory]
    [InlineData("statsu", "status")]
    [InlineData("lst", "ls")]
    [InlineData("comp", "completion")]
    [InlineData("zzzzzz", null)]
    public void The_nearest_word_is_suggested(string word, string? expected) =>
        Assert.Equal(expected, Suggestion.For(word, ["ls", "status", "completion", "events"]));

    [Fact]
    public void Root_and_users_have_their_own_places_and_a_state_directory_of_ones_own_has_its_sockets_inside()
    {
        var user = PewterPaths.For(name => name switch { "HOME" => "/h", "XDG_RUNTIME_DIR" => "/run/user/1", _ => null }, isRoot: false);
        Assert.Equal("/run/user/1/pewter/9p.sock", user.Socket);
        Assert.Equal("/h/.local/state/pewter", user.State);
        Assert.Equal("/h/.config/pewter", user.UserConfiguration);
        Assert.Equal("/run/pewter/9p.sock", PewterPaths.For(_ => null, isRoot: true).Socket);
        Assert.Equal("/x/run/9p.sock", user.WithState("/x").Socket);
        Assert.Equal(user, user.WithState("/h/.local/state/pewter"));
    }

    private static Settings Load(string yaml) => new SettingsLoader(PewterSettings.Schema).AddYaml("test.yaml", new StringReader(yaml)).Load();

    private static IReadOnlyList<ConfigurationError> Errors(string yaml) => Assert.Throws<ConfigurationException>(() => Load(yaml)).Errors;
}
