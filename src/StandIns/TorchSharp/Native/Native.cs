using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

[assembly: DisableRuntimeMarshalling]

namespace TorchSharp;

/// <summary>The exports of the native half, one partial file for each of its sources.</summary>
/// <remarks>Tensors are marshalled by <see cref="TensorMarshaller"/>, outcomes without a value by <see cref="Outcome"/>: both throw on a native error.</remarks>
internal static unsafe partial class Native
{
    internal const string Library = "torchsharp_standin";

    /// <summary>Loads the native half from the assembly's folder, and before it the library that prepares the process for libtorch.</summary>
    static Native() => NativeLibrary.SetDllImportResolver(typeof(Native).Assembly, (name, assembly, path) =>
    {
        if (name != Library) return 0;
        NativeLibrary.TryLoad("torchsharp_preload", assembly, path, out _);
        return NativeLibrary.Load(Library, assembly, path);
    });

    [LibraryImport(Library)] private static partial byte* ts_take_error();

    /// <summary>Throws the thread's pending native error.</summary>
    internal static void ThrowError() => throw new ExternalException(TakeError() ?? "A native call failed without a message.");

    internal static void ThrowPendingError()
    {
        if (TakeError() is { } message) throw new ExternalException(message);
    }

    private static string TakeError() => Marshal.PtrToStringUTF8((nint)ts_take_error());
}
