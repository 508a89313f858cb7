using System.Runtime.InteropServices;
using Pewter.Linux.Spawning;

namespace Pewter.Linux.Confinement;

/// <summary>
/// A system call filter that denies a list and admits the rest (seccomp(2), classic BPF). Immutable; made once and used for any number
/// of children. x86-64 only.
/// </summary>
public sealed unsafe class SeccompFilter
{
    private const ushort LoadWord = 0x20;
    private const ushort JumpIfEqual = 0x15;
    private const ushort JumpIfAtLeast = 0x35;
    private const ushort JumpIfAnyBit = 0x45;
    private const ushort Return = 0x06;

    private const uint NumberOffset = 0;
    private const uint ArchitectureOffset = 4;
    private const uint FirstArgumentOffset = 16;
    private const uint Architecture64 = 0xC000003E;
    private const uint CompatibilityBit = 0x4000_0000;

    private const uint Allow = 0x7FFF_0000;
    private const uint KillProcess = 0x8000_0000;
    private const uint FailWith = 0x0005_0000;
    private const uint NotPermitted = FailWith | LinuxErrno.EPERM;
    private const uint NotImplemented = FailWith | LinuxErrno.ENOSYS;

    private const int CloneCall = 56;
    private const int Clone3Call = 435;
    private const uint NamespaceBits = 0x7E02_0000;

    // What acts on the machine as a whole, or reaches kernel parts with a long record of holes and no use for ordinary programs.
    private static readonly int[] DefaultDenied =
    [
        134, // uselib
        139, // sysfs
        153, // vhangup
        155, // pivot_root
        156, // _sysctl
        163, // acct
        164, // settimeofday
        165, // mount
        166, // umount2
        167, // swapon
        168, // swapoff
        169, // reboot
        172, // iopl
        173, // ioperm
        174, // create_module
        175, // init_module
        176, // delete_module
        177, // get_kernel_syms
        178, // query_module
        179, // quotactl
        180, // nfsservctl
        212, // lookup_dcookie
        227, // clock_settime
        246, // kexec_load
        248, // add_key
        249, // request_key
        250, // keyctl
        272, // unshare
        298, // perf_event_open
        303, // name_to_handle_at
        304, // open_by_handle_at
        305, // clock_adjtime
        308, // setns
        312, // kcmp
        313, // finit_module
        320, // kexec_file_load
        321, // bpf
        323, // userfaultfd
        425, // io_uring_setup
        426, // io_uring_enter
        427, // io_uring_register
        428, // open_tree
        429, // move_mount
        430, // fsopen
        431, // fsconfig
        432, // fsmount
        433, // fspick
        442, // mount_setattr
    ];

    private readonly Instruction[] _program;

    private SeccompFilter(Instruction[] program) => _program = program;

    /// <summary>
    /// The default of cells: no mounts, namespaces, modules, keys, clocks, reboot, BPF, perf, io_uring or 32-bit calls. <c>clone3</c>
    /// answers ENOSYS, because its flags cannot be inspected, and the C library falls back to <c>clone</c>.
    /// </summary>
    public static SeccompFilter Default { get; } = Deny(DefaultDenied);

    /// <summary>A filter that answers EPERM to these system calls and to <c>clone</c> with namespaces.</summary>
    public static SeccompFilter Deny(IReadOnlyList<int> calls)
    {
        var program = new List<Instruction>
        {
            new(LoadWord, 0, 0, ArchitectureOffset),
            new(JumpIfEqual, 1, 0, Architecture64),
            new(Return, 0, 0, KillProcess),
            new(LoadWord, 0, 0, NumberOffset),
            new(JumpIfAtLeast, 0, 1, CompatibilityBit),
            new(Return, 0, 0, NotPermitted),
            new(JumpIfEqual, 0, 1, Clone3Call),
            new(Return, 0, 0, NotImplemented),
            new(JumpIfEqual, 0, 4, CloneCall),
            new(LoadWord, 0, 0, FirstArgumentOffset),
            new(JumpIfAnyBit, 0, 1, NamespaceBits),
            new(Return, 0, 0, NotPermitted),
            new(Return, 0, 0, Allow),
        };
        foreach (var call in calls)
        {
            program.Add(new Instruction(JumpIfEqual, 0, 1, (uint)call));
            program.Add(new Instruction(Return, 0, 0, NotPermitted));
        }

        program.Add(new Instruction(Return, 0, 0, Allow));
        return new SeccompFilter([.. program]);
    }

    /// <summary>Copies the program as the kernel's <c>struct sock_fprog</c> takes it.</summary>
    internal void* CopyTo(SpawnArena arena)
    {
        var instructions = arena.Allocate<Instruction>(_program.Length);
        _program.CopyTo(new Span<Instruction>(instructions, _program.Length));
        var head = arena.Allocate<ProgramHead>();
        head->Length = (ushort)_program.Length;
        head->Instructions = instructions;
        return head;
    }

    [StructLayout(LayoutKind.Sequential)]
    private readonly struct Instruction(ushort code, byte ifTrue, byte ifFalse, uint value)
    {
        public readonly ushort Code = code;
        public readonly byte IfTrue = ifTrue;
        public readonly byte IfFalse = ifFalse;
        public readonly uint Value = value;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct ProgramHead
    {
        public ushort Length;
        public Instruction* Instructions;
    }
}
