using System.Globalization;
using System.Text;

namespace Pewter.Linux.Tracing;

/// <summary>The general registers of an x86-64 thread, in the order of <c>struct user_regs_struct</c>.</summary>
public sealed class Registers
{
    private static readonly string[] Names =
    [
        "r15", "r14", "r13", "r12", "rbp", "rbx", "r11", "r10", "r9", "r8", "rax", "rcx", "rdx", "rsi", "rdi", "orig_rax", "rip", "cs",
        "eflags", "rsp", "ss", "fs_base", "gs_base", "ds", "es", "fs", "gs",
    ];

    private readonly ulong[] _values;

    internal Registers(ReadOnlySpan<ulong> values) => _values = values.ToArray();

    /// <summary>Where it runs.</summary>
    public ulong InstructionPointer => this["rip"];

    /// <summary>Its stack pointer.</summary>
    public ulong StackPointer => this["rsp"];

    /// <summary>Its frame pointer, if the program keeps one.</summary>
    public ulong FramePointer => this["rbp"];

    /// <summary>A register by name.</summary>
    public ulong this[string name] => _values[Array.IndexOf(Names, name)];

    /// <summary>One <c>name value</c> line a register, in hexadecimal.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        for (var i = 0; i < _values.Length; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $"{Names[i]} 0x{_values[i]:x}\n");
        }

        return text.ToString();
    }
}
