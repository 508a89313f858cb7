using System.Formats.Asn1;
using System.Security.Cryptography.X509Certificates;
using Pewter.NineP.Serving;

namespace Pewter.Doors.Tls;

/// <summary>
/// Who a client certificate stands for, written in its subject: CN the user, an OU for each group, a title for what is beyond groups
/// (<c>admin</c>, <c>reader</c>). The authority alone writes such subjects, so they can be believed.
/// </summary>
/// <param name="User">The user's name.</param>
/// <param name="Groups">Groups (tenants).</param>
/// <param name="IsAdmin">May pass every permission check.</param>
/// <param name="IsReadOnly">May change nothing.</param>
public sealed record ClientIdentity(string User, IReadOnlyList<string> Groups, bool IsAdmin = false, bool IsReadOnly = false)
{
    private const string CommonName = "2.5.4.3";
    private const string OrganizationalUnit = "2.5.4.11";
    private const string Title = "2.5.4.12";
    private const string AdminTitle = "admin";
    private const string ReaderTitle = "reader";

    /// <summary>The caller that the bearer of the certificate is.</summary>
    public Caller ToCaller() => new() { User = User, Groups = Groups, IsAdmin = IsAdmin, MayWrite = !IsReadOnly };

    internal static ClientIdentity? TryRead(X509Certificate2 certificate)
    {
        var (user, groups, titles) = ((string?)null, new List<string>(), new List<string>());
        foreach (var part in certificate.SubjectName.EnumerateRelativeDistinguishedNames())
        {
            if (part.HasMultipleElements)
                return null;
            var value = part.GetSingleElementValue() ?? "";
            switch (part.GetSingleElementType().Value)
            {
                case CommonName when user is null:
                    user = value;
                    break;
                case OrganizationalUnit:
                    groups.Add(value);
                    break;
                case Title:
                    titles.Add(value);
                    break;
                default:
                    return null;
            }
        }

        return string.IsNullOrEmpty(user)
            ? null
            : new ClientIdentity(user, groups, titles.Contains(AdminTitle), titles.Contains(ReaderTitle));
    }

    internal X500DistinguishedName ToSubject()
    {
        var name = new X500DistinguishedNameBuilder();
        name.AddCommonName(User);
        foreach (var group in Groups)
            name.AddOrganizationalUnitName(group);
        if (IsAdmin)
            name.Add(Title, AdminTitle, UniversalTagNumber.UTF8String);
        if (IsReadOnly)
            name.Add(Title, ReaderTitle, UniversalTagNumber.UTF8String);
        return name.Build();
    }
}
