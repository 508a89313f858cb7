using System.Diagnostics;
using System.Reflection;
using System.Text.Json;
using Microsoft.AspNetCore.Routing;
using Pewter.Doors.Http;
using Pewter.Doors.Metrics;
using Pewter.Testing;

namespace Pewter.Doors.Tests;

/// <summary>What the door says of itself: OpenAPI, metrics, readiness.</summary>
public sealed class HttpDocumentTests
{
    [Fact]
    public async Task The_document_in_the_repository_is_the_one_that_is_served_and_names_every_route()
    {
        await using var house = await DoorHouse.OpenAsync();
        var http = await HttpHouse.OpenAsync(house);
        var served = (await Shell.RunAsync($"{http.Unix} http://localhost/openapi.json")).Output;
        Assert.Equal(await File.ReadAllTextAsync(Path.Combine(RepositoryRoot(), "api", "openapi.json")), served);
        using var document = JsonDocument.Parse(served);
        Assert.Equal("3.1.0", document.RootElement.GetProperty("openapi").GetString());
        var documented = document.RootElement.GetProperty("paths").EnumerateObject()
            .SelectMany(path => path.Value.EnumerateObject().Where(entry => entry.Name != "parameters")
                .Select(method => $"{method.Name.ToUpperInvariant()} {path.Name}"));
        // Redfish is documented by its own standard.
        var routed = http.Door.Endpoints.OfType<RouteEndpoint>()
            .Where(route => !route.RoutePattern.RawText!.StartsWith("/redfish", StringComparison.Ordinal))
            .SelectMany(route => route.Metadata.GetRequiredMetadata<HttpMethodMetadata>().HttpMethods
                .Select(method => $"{method} {route.RoutePattern.RawText!.Replace("{**path}", "{path}")}"));
        Assert.Equal(routed.Order(), documented.Order());
    }

    [Fact]
    public async Task Every_reference_in_the_document_leads_somewhere()
    {
        using var document = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(RepositoryRoot(), "api", "openapi.json")));
        var references = References(document.RootElement).Distinct().ToList();
        Assert.NotEmpty(references);
        foreach (var reference in references)
        {
            var place = document.RootElement;
            foreach (var name in reference.Split('/').Skip(1))
                place = place.GetProperty(name);
        }
    }

    [Fact]
    public async Task Promtool_finds_nothing_to_complain_of()
    {
        if (!File.Exists("/usr/bin/promtool"))
            Assert.Skip("skipped, because promtool (package prometheus) is not installed");
        await using var house = await DoorHouse.OpenAsync();
        var http = await HttpHouse.OpenAsync(house, new HttpDoorOptions { Metrics = [new StrangeMetrics()] });
        house.Open(new UnixEndpoint(house.Home["nine"]));
        await using (await house.ConnectAsync(house.Open(new LoopbackEndpoint(DoorHouse.FreePort))))
        {
            var fetch = $"{http.Unix} http://localhost/nothing >/dev/null; {http.Unix} http://localhost/metrics";
            var page = await Shell.RunAsync($"{{ {fetch}; }} | tee {house.Home["page"]} | promtool check metrics");
            Assert.Equal((0, "", ""), (page.ExitCode, page.Output, page.Errors));
        }

        var text = await File.ReadAllTextAsync(house.Home["page"]);
        Assert.Contains("pewter_door_connections{door=\"tcp\"} 1\n", text);
        Assert.Contains("pewter_http_requests_total{method=\"GET\",status=\"404\"} 1\n", text);
        Assert.Contains("pewter_strange{name=\"a\\\"b\\\\c\\nd\"} 1.5\n", text);
    }

    [Fact]
    public void A_metric_without_a_proper_name_is_a_mistake()
    {
        var text = new MetricsText();
        Assert.Throws<ArgumentException>(() => text.Family("with-dash", MetricKind.Gauge, ""));
        Assert.Throws<ArgumentException>(() => text.Family("pewter_things", MetricKind.Counter, ""));
        text.Family("pewter_things_total", MetricKind.Counter, "Things.");
        Assert.Throws<ArgumentException>(() => text.Family("pewter_things_total", MetricKind.Counter, "Things."));
        Assert.Throws<ArgumentException>(() => text.Sample(1, ("a b", "c")));
    }

    [Fact]
    public async Task A_daemon_that_is_not_ready_says_why()
    {
        await using var house = await DoorHouse.OpenAsync();
        var options = new HttpDoorOptions { Readiness = () => new Readiness(false, ["The store is replaying."]) };
        var http = await HttpHouse.OpenAsync(house, options);
        var result = await Shell.RunAsync($"{http.Unix} -w '%{{http_code}}' http://localhost/readyz");
        Assert.Equal("The store is replaying.\n503", result.Output);
    }

    [Fact]
    public async Task The_door_opens_in_well_under_a_second()
    {
        await using var house = await DoorHouse.OpenAsync();
        var start = Stopwatch.GetTimestamp();
        await HttpHouse.OpenAsync(house);
        Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(1), $"{Stopwatch.GetElapsedTime(start)}");
    }

    private static string RepositoryRoot()
    {
        var directory = Path.GetDirectoryName(Assembly.GetExecutingAssembly().Location);
        while (!File.Exists(Path.Combine(directory!, "Pewter.slnx")))
            directory = Path.GetDirectoryName(directory);
        return directory!;
    }

    private static IEnumerable<string> References(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().SelectMany(entry =>
            entry.Name == "$ref" ? [entry.Value.GetString()!] : References(entry.Value)),
        JsonValueKind.Array => element.EnumerateArray().SelectMany(References),
        _ => [],
    };

    private sealed class StrangeMetrics : IMetricsSource
    {
        public void Write(MetricsText text)
        {
            text.Family("pewter_strange", MetricKind.Gauge, "Names that are \"strange\", with a \\ and\na line.");
            text.Sample(1.5, ("name", "a\"b\\c\nd"));
            text.Sample(double.PositiveInfinity, ("name", "infinite"));
        }
    }
}
