using System.Diagnostics;
using System.Net.Sockets;
using Pewter.Blocks.Exports;
using Pewter.Blocks.Layers;
using Pewter.Blocks.Nbd;

namespace Pewter.Blocks.Transfer;

/// <summary>
/// Images of every format that <c>qemu-img</c> of the system reads or writes. It is handed the disk over our own NBD, on a socket in a private
/// directory, so nothing is stored twice and holes stay holes.
/// </summary>
/// <param name="program">The path of qemu-img.</param>
public sealed class QemuImage(string program = "qemu-img")
{
    private const string ExportName = "image";

    /// <summary>Imports a file as a layer. EIO with what qemu-img said when it cannot read it.</summary>
    public async ValueTask<LayerInfo> ImportAsync(
        LayerStore store, string name, string path, string format, CancellationToken cancellation)
    {
        long length = await LengthAsync(path, format, cancellation);
        DiskInfo disk = await store.BeginImportAsync(name, path, length, cancellation);
        LayeredDevice device = store.OpenImport(disk);
        try
        {
            await WithSocketAsync(
                new Borrowed(device),
                uri => RunAsync(["convert", "-n", "--target-is-zero", "-W", "-f", format, "-O", "raw", path, uri], cancellation));
            return await store.PublishAsync(device, name, cancellation);
        }
        catch
        {
            // qemu-img cannot go on where it stopped, so nothing is kept.
            await device.DisposeAsync();
            await store.DeleteDiskAsync(disk.Id, CancellationToken.None);
            throw;
        }
    }

    /// <summary>Exports a device to a file, such as <c>qcow2</c>. The device may be in use.</summary>
    public async ValueTask ExportAsync(BlockDevice device, string path, string format, CancellationToken cancellation) =>
        await WithSocketAsync(new Borrowed(device), uri => RunAsync(["convert", "-f", "raw", "-O", format, uri, path], cancellation));

    private async ValueTask<long> LengthAsync(string path, string format, CancellationToken cancellation)
    {
        string json = await RunAsync(["info", "--output=json", "-f", format, path], cancellation);
        using var document = System.Text.Json.JsonDocument.Parse(json);
        return (document.RootElement.GetProperty("virtual-size").GetInt64() + 511) / 512 * 512;
    }

    private static async ValueTask WithSocketAsync(BlockDevice device, Func<string, Task<string>> action)
    {
        DirectoryInfo directory = Directory.CreateTempSubdirectory("pewter-image-");
        try
        {
            string socket = Path.Join(directory.FullName, "nbd");
            await using var exports = new ExportTable();
            exports.Add(ExportName, device, ExportAccess.Local);
            await using var server = new NbdServer(exports);
            server.Listen(new UnixDomainSocketEndPoint(socket));
            await action($"nbd+unix:///{ExportName}?socket={socket}");
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    private async Task<string> RunAsync(IEnumerable<string> arguments, CancellationToken cancellation)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Start(start);
        try
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync(cancellation);
            Task<string> error = process.StandardError.ReadToEndAsync(cancellation);
            await process.WaitForExitAsync(cancellation);
            return process.ExitCode == 0
                ? await output
                : throw new BlockException(BlockErrno.EIO, $"{program} ended with {process.ExitCode}: {(await error).Trim()}");
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }

    private Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new BlockException(BlockErrno.ENOENT, $"{program} cannot be started ({e.Message}): install qemu-utils.", e);
        }
    }
}
