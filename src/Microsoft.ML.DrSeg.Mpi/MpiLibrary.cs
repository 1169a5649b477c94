using System.Reflection;
using System.Runtime.InteropServices;
using Unsafe = MPI.Unsafe;

namespace Microsoft.ML.DrSeg.Mpi;

/// <summary>
/// Finds the machine's MPI. The package MPI.NET is made for Microsoft's msmpi.dll, whose handles are those of MPICH: on Linux MPICH's
/// library does as well, and so does one of the same binary interface (https://www.mpich.org/abi/).
/// </summary>
internal static class MpiLibrary
{
    private const string Windows = "msmpi.dll";

    // As Debian and Ubuntu call it, and as the interface has it.
    private static readonly string[] Linux = ["libmpich.so.12", "libmpi.so.12"];

    private static readonly Lazy<bool> Resolved = new(() =>
    {
        if (!OperatingSystem.IsWindows()) NativeLibrary.SetDllImportResolver(typeof(Unsafe).Assembly, Resolve);
        return true;
    });

    /// <summary>Loads it.</summary>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    public static void Load()
    {
        _ = Resolved.Value;
        try
        {
            _ = Unsafe.MPI_Initialized(out _);
        }
        catch (DllNotFoundException error)
        {
            throw new InvalidOperationException(
                $"This process was started as one of several ({Launcher.Described}), but the machine has no MPI to join them with. On Debian and Ubuntu install the package mpich, on Windows MS-MPI; Open MPI will not do. What was looked for: {(OperatingSystem.IsWindows() ? Windows : string.Join(", ", Linux))}.", error);
        }
    }

    private static IntPtr Resolve(string name, Assembly assembly, DllImportSearchPath? path)
    {
        if (name == Windows)
            foreach (string own in Linux)
                if (NativeLibrary.TryLoad(own, out IntPtr library)) return library;
        return IntPtr.Zero;
    }
}
