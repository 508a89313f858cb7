using Pewter.Doors.Identity;
using Pewter.Doors.Metrics;
using Pewter.Doors.Redfish;
using Pewter.NineP;

namespace Pewter.Doors.Http;

/// <summary>The routes of the HTTP door and what is common to their requests: who asks, failures, counting. Safe from any thread.</summary>
internal sealed class HttpRoutes(DoorContext context, HttpDoorOptions options, CancellationToken closing)
{
    private static readonly string[] Methods = ["GET", "HEAD", "PUT", "POST", "PATCH", "DELETE"];
    private readonly HttpAuthentication _authentication = new(context);
    private readonly TreeReads _reads = new(context, new TreeWalker(context.Root));
    private readonly TreeWrites _writes = new(context, new TreeWalker(context.Root));

    public void Map(WebApplication application)
    {
        application.Use(CountAsync);
        application.UseRouting();
        application.MapMethods("/v1/tree/{**path}", ["GET", "HEAD"], http => AuthenticatedAsync(http, _reads.GetAsync));
        application.MapMethods("/v1/tree/{**path}", ["PUT", "POST"], http => AuthenticatedAsync(http, _writes.WriteAsync));
        application.MapMethods("/metrics", ["GET"], http => AuthenticatedAsync(http, MetricsAsync));
        application.MapMethods("/openapi.json", ["GET"], OpenApiAsync);
        application.MapMethods("/healthz", ["GET"], HealthAsync);
        application.MapMethods("/readyz", ["GET"], ReadinessAsync);
        new RedfishRoutes(context, closing).Map(application);
    }

    private async Task CountAsync(HttpContext http, RequestDelegate next)
    {
        await GuardAsync(http, next);
        var response = http.Response;
        // Routing found nothing and wrote nothing.
        if (response is { HasStarted: false, ContentType: null, StatusCode: 404 or 405 })
            await new Problem(http.Response.StatusCode, Errno.None, "There is no such address; /openapi.json lists what there is.").WriteAsync(http);
        context.Metrics.Answered(Methods.Contains(http.Request.Method) ? http.Request.Method : "other", http.Response.StatusCode);
    }

    private async Task GuardAsync(HttpContext http, RequestDelegate next)
    {
        try
        {
            await next(http);
        }
        catch (OperationCanceledException)
        {
            // The client is gone, its token has ended, or the door closes.
            http.Abort();
        }
        catch (FileException failure)
        {
            await FailAsync(http, Problem.Of(failure));
        }
        catch (BadHttpRequestException failure)
        {
            await FailAsync(http, new Problem(failure.StatusCode, Errno.None, failure.Message));
        }
        catch (IOException) when (http.RequestAborted.IsCancellationRequested)
        {
            http.Abort();
        }
        catch (Exception bug)
        {
            // The edge of the request loop: one request fails, the door stays open.
            context.OnFault?.Invoke(bug);
            await FailAsync(http, new Problem(StatusCodes.Status500InternalServerError, Errno.EIO, "The server made a mistake."));
        }
    }

    private static async Task FailAsync(HttpContext http, Problem problem)
    {
        // A reply that has begun can only be cut, which tells the client that it is not whole.
        if (http.Response.HasStarted)
            http.Abort();
        else
            await problem.WriteAsync(http);
    }

    private async Task AuthenticatedAsync(HttpContext http, Func<HttpContext, HttpIdentity, string, CancellationToken, Task> serve)
    {
        if (_authentication.Identify(http) is not { } who)
        {
            const string Ask = "Show a token (Authorization: Bearer …) or a client certificate, or use the Unix socket.";
            await new Problem(StatusCodes.Status401Unauthorized, Errno.EACCES, Ask).WriteAsync(http);
            return;
        }

        using var end = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, who.Ended, closing);
        await serve(http, who, "/" + http.Request.RouteValues["path"], end.Token);
    }

    private async Task MetricsAsync(HttpContext http, HttpIdentity who, string path, CancellationToken cancellation)
    {
        if (who.PathPrefix != "/")
            throw new FileException(Errno.EACCES, "The metrics are of the whole daemon; the token is good for a part of the tree.");
        var text = new MetricsText();
        context.Metrics.Write(text);
        foreach (var source in options.Metrics)
            source.Write(text);
        http.Response.ContentType = "text/plain; version=0.0.4; charset=utf-8";
        await http.Response.WriteAsync(text.ToString(), cancellation);
    }

    private static async Task OpenApiAsync(HttpContext http)
    {
        await using var document = typeof(HttpRoutes).Assembly.GetManifestResourceStream("openapi.json")!;
        http.Response.ContentType = "application/json";
        http.Response.ContentLength = document.Length;
        await document.CopyToAsync(http.Response.Body, http.RequestAborted);
    }

    private static Task HealthAsync(HttpContext http)
    {
        http.Response.ContentType = "text/plain; charset=utf-8";
        return http.Response.WriteAsync("ok\n", http.RequestAborted);
    }

    private Task ReadinessAsync(HttpContext http)
    {
        var readiness = options.Readiness();
        http.Response.StatusCode = readiness.IsReady ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        http.Response.ContentType = "text/plain; charset=utf-8";
        var text = readiness.IsReady ? "ready\n" : string.Concat(readiness.Reasons.Select(reason => reason + "\n"));
        return http.Response.WriteAsync(text, http.RequestAborted);
    }
}
