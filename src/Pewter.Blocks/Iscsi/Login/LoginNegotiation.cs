namespace Pewter.Blocks.Iscsi.Login;

/// <summary>
/// One login, from its first request to full feature phase (RFC 7143 6.3): who the initiator is, whether it may come
/// in, and what the two agree on. A pure object: requests go in, replies come out, nothing is read, sent or waited for.
/// </summary>
/// <remarks>
/// <code>
/// start ──► security (AuthMethod, CHAP_A, CHAP_N …) ──► operational (keys) ──► full feature
///   └───────────────── nothing to prove ───────────────────┘
/// </code>
/// </remarks>
/// <param name="directory">The targets at the time of the login.</param>
/// <param name="limits">Our side of the negotiation.</param>
/// <param name="random">Fills challenges.</param>
internal sealed class LoginNegotiation(TargetDirectory directory, IscsiLimits limits, Action<byte[]> random)
{
    private readonly HashSet<string> _seen = [];
    private LoginStage _stage = LoginStage.Security;
    private bool _started;
    private bool _declared;
    private bool _authenticated;
    private ChapExchange? _chap;
    private OperationalKeys? _operational;
    private List<IscsiAccessConfig> _candidates = [];

    public string Initiator { get; private set; } = "";

    public bool IsDiscovery { get; private set; }

    /// <summary>The target of a normal session.</summary>
    public IscsiTarget? Target { get; private set; }

    /// <summary>What the initiator may do there.</summary>
    public IscsiAccessConfig? Access { get; private set; }

    /// <summary>Access entries whose secret the initiator has shown, for what discovery may tell it.</summary>
    public IReadOnlyList<IscsiAccessConfig> Proven => _chap?.Proven ?? [];

    public SessionParameters Parameters { get; } = new();

    /// <summary>Answers one request whose text is complete.</summary>
    public LoginReply Step(in LoginRequest request, IReadOnlyList<KeyValuePair<string, string>> keys)
    {
        List<KeyValuePair<string, string>> reply = [];
        LoginStatus status = Check(request, keys);
        if (status == LoginStatus.Success && !_started)
            status = Start(request, keys, reply);
        if (status == LoginStatus.Success && _stage == LoginStage.Security)
            status = Secure(keys, reply);
        if (status == LoginStatus.Success)
            Operate(keys, reply);
        if (status != LoginStatus.Success)
            return LoginReply.Refuse(status, request.Current);
        return Finish(request, reply);
    }

    private LoginStatus Check(in LoginRequest request, IReadOnlyList<KeyValuePair<string, string>> keys)
    {
        if (request.VersionMin > 0)
            return LoginStatus.UnsupportedVersion;
        bool stage = request.Current is LoginStage.Security or LoginStage.Operational && (!_started || request.Current == _stage);
        bool next = !request.Transit || (request.Next > request.Current && request.Next != (LoginStage)2);
        if (!stage || !next)
            return LoginStatus.InvalidDuringLogin;
        foreach ((string key, _) in keys)
        {
            // A key may be negotiated once (RFC 7143 6.3.3).
            if (!_seen.Add(key))
                return LoginStatus.InitiatorError;
        }
        return LoginStatus.Success;
    }

    private LoginStatus Start(
        in LoginRequest request, IReadOnlyList<KeyValuePair<string, string>> keys, List<KeyValuePair<string, string>> reply)
    {
        _started = true;
        _stage = request.Current;
        if (Find(keys, "InitiatorName") is not { } initiator)
            return LoginStatus.MissingParameter;
        if (!IscsiName.IsValid(initiator))
            return LoginStatus.InitiatorError;
        Initiator = IscsiName.Normalize(initiator);
        string type = Find(keys, "SessionType") ?? "Normal";
        if (type is not ("Normal" or "Discovery"))
            return LoginStatus.SessionTypeNotSupported;
        IsDiscovery = type == "Discovery";
        _operational = new OperationalKeys(limits, Parameters, IsDiscovery, isLeading: request.Tsih == 0);
        return IsDiscovery ? StartDiscovery() : StartNormal(Find(keys, "TargetName"), reply);
    }

    private LoginStatus StartDiscovery()
    {
        _candidates = [.. directory.AccessOf(Initiator)];
        return LoginStatus.Success;
    }

    private LoginStatus StartNormal(string? targetName, List<KeyValuePair<string, string>> reply)
    {
        if (targetName is null)
            return LoginStatus.MissingParameter;
        Target = directory.Find(IscsiName.Normalize(targetName));
        if (Target is null)
            return LoginStatus.NotFound;
        Access = Target.Model.FindAccess(Initiator);
        if (Access is null)
            return LoginStatus.AuthorizationFailure;
        _candidates = [Access];
        reply.Add(new("TargetPortalGroupTag", TargetDirectory.PortalGroup));
        if (Target.Model.Alias is { } alias)
            reply.Add(new("TargetAlias", alias));
        return LoginStatus.Success;
    }

    /// <summary>Whether an initiator without a proof could go on.</summary>
    private bool NeedsNoProof => _candidates.Count == 0 || _candidates.Any(c => c.Chap is null);

    private LoginStatus Secure(IReadOnlyList<KeyValuePair<string, string>> keys, List<KeyValuePair<string, string>> reply)
    {
        if (Find(keys, "AuthMethod") is { } methods && ChooseMethod(methods.Split(','), reply) is var chosen and not LoginStatus.Success)
            return chosen;
        if (Find(keys, "CHAP_A") is { } algorithms)
        {
            if (_chap is null || _chap.IsChallenged || !_chap.TryChallenge(algorithms, reply))
                return LoginStatus.AuthenticationFailure;
        }
        if (Find(keys, "CHAP_R") is null && Find(keys, "CHAP_N") is null)
            return LoginStatus.Success;
        if (_chap is null || _authenticated || !_chap.TryProve(keys.ToDictionary(), reply))
            return LoginStatus.AuthenticationFailure;
        _authenticated = true;
        return LoginStatus.Success;
    }

    private LoginStatus ChooseMethod(string[] methods, List<KeyValuePair<string, string>> reply)
    {
        IscsiAccessConfig[] withSecret = [.. _candidates.Where(c => c.Chap is not null)];
        if (methods.Contains("CHAP") && withSecret.Length > 0)
        {
            _chap = new ChapExchange(withSecret, random);
            reply.Add(new("AuthMethod", "CHAP"));
            return LoginStatus.Success;
        }
        if (!methods.Contains("None") || !NeedsNoProof)
            return LoginStatus.AuthenticationFailure;
        reply.Add(new("AuthMethod", "None"));
        return LoginStatus.Success;
    }

    private void Operate(IReadOnlyList<KeyValuePair<string, string>> keys, List<KeyValuePair<string, string>> reply)
    {
        foreach ((string key, string value) in keys)
        {
            if (key is "InitiatorName" or "SessionType" or "TargetName" or "AuthMethod" || key.StartsWith("CHAP_", StringComparison.Ordinal))
                continue;
            if (_operational!.Answer(key, value) is { } answer)
                reply.Add(new(key, answer));
        }
        if (_stage != LoginStage.Operational || _declared)
            return;
        _declared = true;
        reply.Add(new("MaxRecvDataSegmentLength", $"{limits.ReceiveDataSegment}"));
    }

    private LoginReply Finish(in LoginRequest request, List<KeyValuePair<string, string>> reply)
    {
        bool mayPass = _authenticated || (NeedsNoProof && _chap is null);
        if (!mayPass && _stage == LoginStage.Operational)
            return LoginReply.Refuse(LoginStatus.AuthenticationFailure, request.Current);
        if (!request.Transit || !mayPass)
            return new(LoginStatus.Success, false, _stage, LoginStage.Security, reply);
        Parameters.FirstBurst = Math.Min(Parameters.FirstBurst, Parameters.MaxBurst);
        LoginStage from = _stage;
        _stage = request.Next;
        return new(LoginStatus.Success, true, from, request.Next, reply);
    }

    private static string? Find(IReadOnlyList<KeyValuePair<string, string>> keys, string key)
    {
        foreach ((string name, string value) in keys)
        {
            if (name == key)
                return value;
        }
        return null;
    }
}
