using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace TorchSharp;

internal static unsafe partial class Native
{
    [LibraryImport(Library)] internal static partial Tensor ts_empty(ReadOnlySpan<long> s, long n, int type, int device, int index);
    [LibraryImport(Library)] internal static partial Tensor ts_zeros(ReadOnlySpan<long> s, long n, int type, int device, int index);
    [LibraryImport(Library)] internal static partial Tensor ts_ones(ReadOnlySpan<long> s, long n, int type, int device, int index);
    [LibraryImport(Library)] internal static partial Tensor ts_full(ReadOnlySpan<long> s, long n, Number value, int type, int device, int index);
    [LibraryImport(Library)] internal static partial Tensor ts_eye(long rows, long columns, int type, int device, int index);
    [LibraryImport(Library)] internal static partial Tensor ts_arange(Number start, Number stop, Number step, int type, int device, int index);
    [LibraryImport(Library)] internal static partial Tensor ts_linspace(double start, double stop, long steps, int type, int device, int index);
    [LibraryImport(Library)] internal static partial Tensor ts_empty_like(Tensor t, int type, int device, int index);
    [LibraryImport(Library)] internal static partial Tensor ts_zeros_like(Tensor t, int type, int device, int index);
    [LibraryImport(Library)] internal static partial Tensor ts_ones_like(Tensor t, int type, int device, int index);
    [LibraryImport(Library)] internal static partial Tensor ts_full_like(Tensor t, Number value, int type, int device, int index);
    [LibraryImport(Library)] internal static partial Tensor ts_from_memory(void* data, long bytes, ReadOnlySpan<long> s, long n, int source, int type, int device, int index);
}
