using System.Text.Json.Nodes;
using Pewter.Doors.Http;
using Pewter.NineP;

namespace Pewter.Doors.Redfish;

/// <summary>
/// Nodes with a power switch as systems of a Redfish service (DMTF DSP0266), so that other provisioners and <c>redfishtool</c> can use them. An
/// HTTP view of <c>/node</c> and nothing more: reading a system reads its <c>json</c>, resetting it writes <c>power</c> to its <c>ctl</c>,
/// each as the caller. Safe from any thread.
/// </summary>
/// <remarks>A token of the daemon is the password of Basic authentication, whatever the user, or the token of a session.</remarks>
internal sealed class RedfishRoutes(DoorContext context, CancellationToken closing)
{
    public const string Root = "/redfish/v1";

    private readonly HttpAuthentication _authentication = new(context);
    private readonly RedfishNodes _nodes = new(context);

    public void Map(WebApplication application)
    {
        application.MapMethods("/redfish", ["GET"], http => RedfishReply.SendAsync(http, new JsonObject { ["v1"] = Root + "/" }));
        application.MapMethods(Root, ["GET"], http => RedfishReply.SendAsync(http, RedfishDocuments.ServiceRoot()));
        application.MapMethods(Root + "/SessionService", ["GET"], Guarded((http, _, _) =>
            RedfishReply.SendAsync(http, RedfishDocuments.SessionService())));
        application.MapMethods(Root + "/SessionService/Sessions", ["POST"], Failing(CreateSessionAsync));
        application.MapMethods(Root + "/SessionService/Sessions/{id}", ["DELETE"], Guarded(EndSessionAsync));
        application.MapMethods(Root + "/Systems", ["GET"], Guarded(ListAsync));
        application.MapMethods(Root + "/Systems/{id}", ["GET"], Guarded(ShowAsync));
        application.MapMethods(Root + "/Systems/{id}", ["PATCH"], Guarded(ChangeAsync));
        application.MapMethods(Root + "/Systems/{id}/Actions/ComputerSystem.Reset", ["POST"], Guarded(ResetAsync));
    }

    private static string Id(HttpContext http) => (string)http.Request.RouteValues["id"]!;

    private static RequestDelegate Failing(RequestDelegate serve) => async http =>
    {
        try
        {
            await serve(http);
        }
        catch (FileException failure) when (!http.Response.HasStarted)
        {
            await RedfishReply.FailAsync(http, ErrnoStatus.Of(failure.Errno), failure.Message);
        }
    };

    private RequestDelegate Guarded(Func<HttpContext, HttpIdentity, CancellationToken, Task> serve) => Failing(async http =>
    {
        if (_authentication.Identify(http) is not { } who)
        {
            http.Response.Headers.WWWAuthenticate = "Basic realm=\"pewter\"";
            const string Ask = "Show a token of Pewter as the password of Basic authentication, or as X-Auth-Token.";
            await RedfishReply.FailAsync(http, StatusCodes.Status401Unauthorized, Ask);
            return;
        }

        using var end = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, who.Ended, closing);
        await serve(http, who, end.Token);
    });

    private async Task ListAsync(HttpContext http, HttpIdentity who, CancellationToken cancellation) =>
        await RedfishReply.SendAsync(http, RedfishDocuments.Systems(await _nodes.ListAsync(who, cancellation)));

    private async Task ShowAsync(HttpContext http, HttpIdentity who, CancellationToken cancellation) =>
        await RedfishReply.SendAsync(http, RedfishDocuments.System(await _nodes.FindAsync(Id(http), who, cancellation)));

    private async Task ChangeAsync(HttpContext http, HttpIdentity who, CancellationToken cancellation)
    {
        var node = await _nodes.FindAsync(Id(http), who, cancellation);
        var change = await RedfishReply.ReadAsync(http.Request, cancellation);
        if (change.Any(member => member.Key != "Boot") || change["Boot"] is not JsonObject boot)
            throw new FileException(Errno.EINVAL, "Only 'Boot' of a system can be changed.");
        await _nodes.CommandAsync(node, RedfishBoot.Command(boot), who, cancellation);
        await RedfishReply.SendAsync(http, RedfishDocuments.System(await _nodes.FindAsync(Id(http), who, cancellation)));
    }

    private async Task ResetAsync(HttpContext http, HttpIdentity who, CancellationToken cancellation)
    {
        var node = await _nodes.FindAsync(Id(http), who, cancellation);
        var type = (await RedfishReply.ReadAsync(http.Request, cancellation))["ResetType"]?.ToString();
        await _nodes.CommandAsync(node, RedfishReset.Command(type), who, cancellation);
        http.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    // A session is the token itself: the daemon keeps none, and ends none that it did not make.
    private async Task CreateSessionAsync(HttpContext http)
    {
        var body = await RedfishReply.ReadAsync(http.Request, http.RequestAborted);
        if (body["Password"]?.ToString() is not { } secret || context.Tokens.Verify(secret) is not { } token)
        {
            const string Ask = "The password is no token of Pewter that is good; see 'pewter token create'.";
            await RedfishReply.FailAsync(http, StatusCodes.Status401Unauthorized, Ask);
            return;
        }

        var path = $"{Root}/SessionService/Sessions/{token.Grant.Id}";
        http.Response.StatusCode = StatusCodes.Status201Created;
        http.Response.Headers["X-Auth-Token"] = secret;
        http.Response.Headers.Location = path;
        await RedfishReply.SendAsync(http, RedfishDocuments.Session(path, token.Grant.Id, token.Grant.User));
    }

    private static Task EndSessionAsync(HttpContext http, HttpIdentity who, CancellationToken cancellation)
    {
        http.Response.StatusCode = StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    }
}
