using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace TorchSharp;

internal static unsafe partial class Native
{
    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)] internal static partial Tensor ts_load(string path);
    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)] internal static partial Outcome ts_save(Tensor t, string path);
}
