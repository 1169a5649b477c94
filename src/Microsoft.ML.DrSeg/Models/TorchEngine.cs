using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using TorchSharp;

namespace Microsoft.ML.DrSeg.Models;

/// <summary>
/// Loads libtorch: set up for machines that compute other things too, and with an error that says what is missing where it does
/// not load.
/// </summary>
internal static partial class TorchEngine
{
    private const string Library = "LibTorchSharp";
    private const int TrimThreshold = -1, MapThreshold = -3;

    // How long threads of libgomp turn in a circle before they sleep while they wait for each other. Its own default is about a
    // millisecond, in which a machine that has other work loses its cores; without any, a small operation waits for threads to wake.
    private const string Spins = "1000";

    // Memory that is freed stays with the process up to this, as the next step asks for the same again.
    private const int KeptBytes = 1 << 29, LargestKeptBlock = 1 << 25;

    private static readonly Lazy<Exception?> Failure = new(Start, LazyThreadSafetyMode.ExecutionAndPublication);

    public static void Load()
    {
        if (Failure.Value is { } error)
            throw new DllNotFoundException(Explain(error), error);
    }

    internal static string Remedy(string said)
    {
        if (UnmetDemand().Match(said) is { Success: true } demand)
            return $"TorchSharp's native library asks for version {demand.Groups["version"].Value} of {demand.Groups["provider"].Value}, and this machine has an older one (GCC 13 brought it: Debian 13 and Ubuntu 24.04 have it, Debian 12 and Ubuntu 22.04 do not). "
                + "Build or publish the application on this machine, for linux-x64 and without LoosenTorchSharp=false: the package Microsoft.ML.DrSeg then gives it a copy of the library that loads. Or run it on a newer distribution.";
        return MissingFile().IsMatch(said)
            ? "libtorch is not there. A program chooses it: add the package TorchSharp-cpu (or, with a GPU, TorchSharp-cuda-linux or TorchSharp-cuda-windows) to the program's project, in the version of TorchSharp that it uses."
            : "TorchSharp's native library does not load on this machine.";
    }

    /// <summary>
    /// libgomp reads its settings once, when libtorch is loaded, perhaps by the program before it comes to us; so they are made when
    /// this assembly is. A user's own settings stand.
    /// </summary>
    [ModuleInitializer]
    [System.Diagnostics.CodeAnalysis.SuppressMessage("Usage", "CA2255", Justification = "No later moment is early enough.")]
    internal static void KeepWaitsShort()
    {
        // .NET's own environment does not reach native code.
        if (OperatingSystem.IsLinux() && getenv("OMP_WAIT_POLICY") == 0)
            _ = setenv("GOMP_SPINCOUNT", Spins, overwrite: 0);
    }

    private static Exception? Start()
    {
        if (OperatingSystem.IsLinux())
            KeepFreedMemory();
        try
        {
            torch.InitializeDeviceType(DeviceType.CPU);
            return null;
        }
        catch (Exception error) when (error is TypeInitializationException or NotSupportedException or DllNotFoundException)
        {
            return error;
        }
    }

    // A step of training frees and asks for the same hundreds of megabytes; each time through the system, its pages are cleared anew.
    private static void KeepFreedMemory()
    {
        try
        {
            _ = mallopt(MapThreshold, LargestKeptBlock);
            _ = mallopt(TrimThreshold, KeptBytes);
        }
        catch (EntryPointNotFoundException)
        {
            // A libc without glibc's allocator, such as musl.
        }
    }

    private static string Explain(Exception error)
    {
        string said = "";
        try
        {
            NativeLibrary.Load(Library, typeof(torch).Assembly, null);
        }
        catch (DllNotFoundException missing)
        {
            said = missing.Message;
        }
        return $"{Remedy(said)} {(said.Length > 0 ? said : error.InnerException?.Message ?? error.Message)}";
    }

    [GeneratedRegex(@"(?<provider>[^\s/]+\.so[.\d]*): version [`'](?<version>GLIBCXX_[\d.]+)' not found \(required by")]
    private static partial Regex UnmetDemand();

    [GeneratedRegex("cannot open shared object file: No such file|module could not be found|image not found|no such file", RegexOptions.IgnoreCase)]
    private static partial Regex MissingFile();

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint getenv(string name);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int setenv(string name, string value, int overwrite);

    [LibraryImport("libc")]
    private static partial int mallopt(int parameter, int value);
}
