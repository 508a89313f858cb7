using Pewter.Mail;

namespace Pewter.Sdk;

/// <summary>
/// Mailboxes for a program: the office of its process, attached to the hub of the machine. Mailboxes are opened, bound
/// and used on it as <see cref="PostOffice"/> says.
/// </summary>
public static class PewterMail
{
    private const string SocketName = "mail.sock";

    /// <summary>Attaches to the hub of this machine.</summary>
    /// <param name="socket">The hub's socket; null: what <c>PEWTER_MAIL</c> names, or the one beside the
    /// daemon's.</param>
    /// <param name="options">How the office is.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="MailException">ENOTCONN: no hub answers there.</exception>
    public static ValueTask<PostOffice> AttachAsync(
        string? socket = null, PostOfficeOptions? options = null, CancellationToken cancellation = default) =>
        PostOffice.AttachAsync(socket ?? DefaultSocket(), options, cancellation);

    /// <summary>As <see cref="AttachAsync"/>, for programs that do not use tasks.</summary>
    public static PostOffice Attach(string? socket = null) => Blocking.Run(() => AttachAsync(socket).AsTask());

    /// <summary>Where the hub is, for a daemon at an endpoint.</summary>
    /// <exception cref="MailException">EINVAL: the daemon is on another machine, and mail is attached to where one
    /// is.</exception>
    public static string SocketBeside(PewterEndpoint endpoint)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        const int InvalidArgument = 22;
        return endpoint.Kind == EndpointKind.Unix
            ? Path.Join(Path.GetDirectoryName(endpoint.Address), SocketName)
            : throw new MailException(InvalidArgument, $"{endpoint} is another machine's: a program uses the hub of the machine that it runs on.");
    }

    private static string DefaultSocket() =>
        Environment.GetEnvironmentVariable("PEWTER_MAIL") is { Length: > 0 } named ? named : SocketBeside(PewterEndpoint.Default());
}
