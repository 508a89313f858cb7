using System.Globalization;

namespace Pewter.Machines.Qemu;

/// <summary>Turns a <see cref="VmModel"/> into QEMU's words. Pure.</summary>
public static class QemuCommandLine
{
    // A translation buffer of the default size costs a guest 200 MB of memory; this size boots no slower.
    private const string TcgBuffer = "tcg,tb-size=16";

    /// <summary>The name of the virtio-serial port that the agent opens in <c>/dev/virtio-ports</c>.</summary>
    public const string AgentPort = "pewter.agent.0";

    /// <summary>The arguments after <c>qemu-system-x86_64</c>.</summary>
    public static IReadOnlyList<string> Build(VmModel vm)
    {
        var words = new List<string>
        {
            "-name", vm.Name, "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot",
            "-accel", vm.Accelerator == Accelerator.Kvm ? "kvm" : TcgBuffer,
            "-smp", Text(vm.Cpus),
            "-m", Text(vm.Memory.Bytes >> 20),
        };
        if (vm.Accelerator == Accelerator.Kvm) words.AddRange(["-cpu", "host"]);
        AddMachineAndMemory(vm, words);
        AddBoot(vm, words);
        AddPorts(vm, words);
        foreach (var disk in vm.Disks) AddDisk(vm, disk, words);
        foreach (var nic in vm.Nics) AddNic(vm, nic, words);
        if (vm.GdbPort is { } port) words.AddRange(["-gdb", $"tcp:127.0.0.1:{Text(port)}", "-S"]);
        if (vm.IsIncoming) words.AddRange(["-incoming", "defer"]);
        words.AddRange(vm.ExtraArguments);
        return words;
    }

    private static void AddMachineAndMemory(VmModel vm, List<string> words)
    {
        var machine = vm.MachineType switch
        {
            // With ACPI the microvm's clock calibration races under TCG and the boot hangs.
            "microvm" => "microvm,acpi=off",
            // SeaBIOS and iPXE then speak on the serial line, where their messages are kept.
            _ => vm.Kernel is null ? $"{vm.MachineType},graphics=off" : vm.MachineType,
        };
        var memory = vm.Memory;
        if (memory.FilePath is not null && vm.NumaNodes == 1)
        {
            machine += ",memory-backend=ram";
            words.AddRange(["-object", MemoryObject("ram", memory.Bytes, memory)]);
        }

        words.AddRange(["-M", machine]);
        if (vm.NumaNodes > 1) AddNuma(vm, words);
    }

    private static void AddNuma(VmModel vm, List<string> words)
    {
        var cpusEach = vm.Cpus / vm.NumaNodes;
        for (var node = 0; node < vm.NumaNodes; node++)
        {
            var first = node * cpusEach;
            var last = node == vm.NumaNodes - 1 ? vm.Cpus - 1 : first + cpusEach - 1;
            words.AddRange(["-object", $"memory-backend-ram,id=ram{Text(node)},size={Text(vm.Memory.Bytes / vm.NumaNodes)}"]);
            words.AddRange(["-numa", $"node,nodeid={Text(node)},cpus={Text(first)}-{Text(last)},memdev=ram{Text(node)}"]);
        }
    }

    private static string MemoryObject(string id, long bytes, VmMemory memory) =>
        $"memory-backend-file,id={id},size={Text(bytes)},mem-path={memory.FilePath},share={(memory.IsShared ? "on" : "off")}";

    private static void AddBoot(VmModel vm, List<string> words)
    {
        if (vm.Kernel is null)
        {
            words.AddRange(["-boot", vm.BootOrder]);
            return;
        }

        words.AddRange(["-kernel", vm.Kernel, "-append", vm.CommandLine]);
        if (vm.Initramfs is not null) words.AddRange(["-initrd", vm.Initramfs]);
    }

    private static void AddPorts(VmModel vm, List<string> words)
    {
        words.AddRange(["-chardev", $"socket,id=qmp,path={vm.MonitorSocket},server=on,wait=off", "-mon", "chardev=qmp,mode=control"]);
        words.AddRange(["-chardev", $"socket,id=console,path={vm.ConsoleSocket},server=on,wait=off,logfile={vm.ConsoleLog},logappend=on"]);
        words.AddRange(["-serial", "chardev:console"]);
        words.AddRange(["-device", $"virtio-serial-{Bus(vm)},id=ports"]);
        words.AddRange(["-chardev", $"socket,id=agent,path={vm.AgentSocket},server=on,wait=off"]);
        words.AddRange(["-device", $"virtserialport,bus=ports.0,chardev=agent,name={AgentPort}"]);
        words.AddRange(["-device", $"virtio-rng-{Bus(vm)}"]);
    }

    private static void AddDisk(VmModel vm, VmDisk disk, List<string> words)
    {
        var readOnly = disk.IsReadOnly ? ",read-only=on" : "";
        words.AddRange(
        [
            "-blockdev",
            $"driver=nbd,node-name={disk.Name},server.type=unix,server.path={disk.SocketPath},export={disk.Export}"
            + $",reconnect-delay=30,discard=unmap{readOnly}",
            "-device", $"virtio-blk-{Bus(vm)},drive={disk.Name},id={disk.Name}-device",
        ]);
    }

    private static void AddNic(VmModel vm, VmNic nic, List<string> words)
    {
        var queues = nic.Queues > 1 ? $",queues={Text(nic.Queues)}" : "";
        var multiqueue = nic.Queues > 1 ? $",mq=on,vectors={Text(2 * nic.Queues + 2)}" : "";
        var rom = nic.CanBoot || vm.MachineType == "microvm" ? "" : ",romfile=";
        words.AddRange(["-netdev", $"tap,id={nic.Name},ifname={nic.Tap},script=no,downscript=no{queues}"]);
        words.AddRange(["-device", $"virtio-net-{Bus(vm)},netdev={nic.Name},id={nic.Name}-device,mac={nic.Mac}{multiqueue}{rom}"]);
    }

    private static string Bus(VmModel vm) => vm.MachineType == "microvm" ? "device" : "pci";

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);
}
