using System.Globalization;

namespace Pewter.Machines.Qemu;

/// <summary>Turns a <see cref="VmModel"/> into QEMU's words. Pure.</summary>
public static class QemuCommandLine
{
    // A translation buffer of the default size costs a guest 200 MB of memory; this size boots no slower.
    private const string TcgBuffer = "tcg,tb-size=16";

    /// <summary>The name of the virtio-serial port that the agent opens in <c>/dev/virtio-ports</c>.</summary>
    public const string AgentPort = "org.pewter.agent";

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
        for (var i = 0; i < vm.Nics.Count; i++) AddNic(vm, vm.Nics[i], i, words);
        if (vm.SerialNumber is { } serial) words.AddRange(["-smbios", $"type=1,serial={serial.Replace(",", ",,", StringComparison.Ordinal)}"]);
        if (vm.GdbSocket is { } gdb) words.AddRange(["-gdb", $"unix:{gdb},server=on,wait=off"]);
        // The state of a fork was saved without a description of the machine: what starts it has built the same one.
        if (vm.IsIncoming) words.AddRange(["-incoming", "defer", "-global", "migration.send-configuration=off"]);
        words.AddRange(vm.ExtraArguments);
        return words;
    }

    private static void AddMachineAndMemory(VmModel vm, List<string> words)
    {
        // SeaBIOS and iPXE then speak on the serial line, where their messages are kept.
        var machine = vm.Kernel is null && !vm.IsIncoming && vm.MachineType != "microvm" ? $"{vm.MachineType},graphics=off" : vm.MachineType;
        var memory = vm.Memory;
        if (memory.FilePath is not null && vm.NumaNodes == 1)
        {
            machine += ",memory-backend=ram";
            words.AddRange(["-object", MemoryObject("ram", memory.Bytes, memory)]);
        }

        words.AddRange(["-M", machine]);
        if (vm.NumaNodes > 1) AddNuma(vm, words);
        if (vm.Firmware is var (code, variables))
        {
            words.AddRange(["-drive", $"if=pflash,unit=0,format=raw,readonly=on,file={code}"]);
            words.AddRange(["-drive", $"if=pflash,unit=1,format=raw,file={variables}"]);
        }
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
        if (vm.IsIncoming) return;
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
        var files = vm.Files;
        words.AddRange(["-chardev", $"socket,id=qmp,path={files.Monitor},server=on,wait=off", "-mon", "chardev=qmp,mode=control"]);
        words.AddRange(["-chardev", $"socket,id=console,path={files.Console},server=on,wait=off,logfile={files.ConsoleLog},logappend=on"]);
        words.AddRange(["-serial", "chardev:console"]);
        words.AddRange(["-device", $"virtio-serial-{Bus(vm)},id=ports"]);
        words.AddRange(["-chardev", $"socket,id=agent,path={files.Agent},server=on,wait=off"]);
        words.AddRange(["-device", $"virtserialport,bus=ports.0,chardev=agent,name={AgentPort}"]);
        words.AddRange(["-device", $"virtio-rng-{Bus(vm)}"]);
    }

    private static void AddDisk(VmModel vm, VmDisk disk, List<string> words)
    {
        var readOnly = disk.IsReadOnly ? ",read-only=on" : "";
        words.AddRange(
        [
            "-blockdev", $"driver=nbd,node-name={disk.Name},{Server(disk.Address)},reconnect-delay=30,discard=unmap{readOnly}",
            "-device", $"virtio-blk-{Bus(vm)},drive={disk.Name},id={disk.Name}-device",
        ]);
    }

    private static string Server(string address)
    {
        var uri = new Uri(address);
        var export = Uri.UnescapeDataString(uri.AbsolutePath.TrimStart('/'));
        const string SocketParameter = "socket=";
        var socket = uri.Query.TrimStart('?').Split('&').FirstOrDefault(part => part.StartsWith(SocketParameter, StringComparison.Ordinal));
        return socket is not null
            ? $"server.type=unix,server.path={Uri.UnescapeDataString(socket[SocketParameter.Length..])},export={export}"
            : $"server.type=inet,server.host={uri.Host},server.port={Text(uri.Port)},export={export}";
    }

    private static void AddNic(VmModel vm, VmNic nic, int index, List<string> words)
    {
        var isMany = nic.Queues > 1;
        var multiqueue = isMany ? $",mq=on,vectors={Text((2 * nic.Queues) + 2)}" : "";
        var rom = nic.CanBoot || vm.MachineType == "microvm" ? "" : ",romfile=";
        words.AddRange(
        [
            "-netdev", isMany ? $"tap,id={nic.Name},ifname={nic.Tap},script=no,downscript=no,queues={Text(nic.Queues)}"
                : $"hubport,id={nic.Name},hubid={Text(index)}",
            "-device", $"virtio-net-{Bus(vm)},netdev={nic.Name},id={nic.Name}-device,mac={nic.Mac}{multiqueue}{rom}",
        ]);
    }

    private static string Bus(VmModel vm) => vm.MachineType == "microvm" ? "device" : "pci";

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);
}
