using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace TorchSharp;

internal static unsafe partial class Native
{
    [LibraryImport(Library)] internal static partial Tensor ts_upsample_nearest(Tensor t, ReadOnlySpan<long> s, long n, ReadOnlySpan<double> scale);
    [LibraryImport(Library)] internal static partial Tensor ts_upsample_bilinear2d(Tensor t, ReadOnlySpan<long> s, Flag align_corners, ReadOnlySpan<double> scale);
    [LibraryImport(Library)] internal static partial Tensor ts_upsample_bicubic2d(Tensor t, ReadOnlySpan<long> s, Flag align_corners, ReadOnlySpan<double> scale);
    [LibraryImport(Library)] internal static partial Tensor ts_grid_sample(Tensor t, Tensor grid, long mode, long padding, Flag align_corners);
    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)] internal static partial Tensor ts_pad(Tensor t, ReadOnlySpan<long> s, long n, string mode, ReadOnlySpan<double> value);
}
