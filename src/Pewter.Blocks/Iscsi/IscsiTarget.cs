namespace Pewter.Blocks.Iscsi;

/// <summary>A published target: its model, which may be replaced whole, and its sessions. Any thread.</summary>
internal sealed class IscsiTarget(IscsiTargetModel model)
{
    private volatile IscsiTargetModel _model = model;

    public string Name { get; } = model.Name;

    public IscsiTargetModel Model
    {
        get => _model;
        set => _model = value;
    }
}
