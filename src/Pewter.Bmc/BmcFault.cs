namespace Pewter.Bmc;

/// <summary>In which way a controller failed.</summary>
public enum BmcFault
{
    /// <summary>It does not answer at all.</summary>
    Silent,

    /// <summary>It does not know the user, or the password is wrong, or the user may not do this.</summary>
    Denied,

    /// <summary>It answered that it will not, or cannot now.</summary>
    Refused,

    /// <summary>It cannot do this at all.</summary>
    Unsupported,

    /// <summary>It answers what its protocol does not allow, or cannot prove that it knows the password.</summary>
    Broken,
}
