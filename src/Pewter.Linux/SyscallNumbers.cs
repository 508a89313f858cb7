namespace Pewter.Linux;

/// <summary>Numbers of the system calls made without a C library function, for x86-64 (asm/unistd_64.h).</summary>
internal static class SyscallNumbers
{
    internal const int Read = 0;
    internal const int Write = 1;
    internal const int Close = 3;
    internal const int MemoryProtect = 10;
    internal const int SignalAction = 13;
    internal const int SignalMask = 14;
    internal const int Ioctl = 16;
    internal const int Duplicate2 = 33;
    internal const int Execute = 59;
    internal const int ChangeDirectory = 80;
    internal const int SetProcessGroup = 109;
    internal const int SetSession = 112;
    internal const int SetGroups = 116;
    internal const int SetUserIds = 117;
    internal const int SetGroupIds = 119;
    internal const int SetPriority = 141;
    internal const int PivotRoot = 155;
    internal const int ProcessControl = 157;
    internal const int ChangeRoot = 161;
    internal const int Mount = 165;
    internal const int SetAffinity = 203;
    internal const int WaitId = 247;
    internal const int Unshare = 272;
    internal const int ProcessLimit = 302;
    internal const int SetNamespace = 308;
    internal const int LoadModule = 313;
    internal const int Seccomp = 317;
    internal const int PidfdSendSignal = 424;
    internal const int OpenTree = 428;
    internal const int MoveMount = 429;
    internal const int PidfdOpen = 434;
    internal const int CloseRange = 436;
    internal const int OpenAt2 = 437;
    internal const int PidfdGetFd = 438;
}
