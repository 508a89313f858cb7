namespace Pewter.Blocks.Iscsi.Sessions;

/// <summary>RFC 7143 11.6.1.</summary>
internal enum TaskManagementResponse : byte
{
    Complete = 0,
    TaskDoesNotExist = 1,
    LunDoesNotExist = 2,
    ReassignmentNotSupported = 4,
    NotSupported = 5,
    Rejected = 255,
}
