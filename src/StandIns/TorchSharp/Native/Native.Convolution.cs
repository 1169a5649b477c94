using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace TorchSharp;

internal static unsafe partial class Native
{
    [LibraryImport(Library)] internal static partial Tensor ts_conv1d(Tensor input, Tensor weight, Tensor bias, long stride, long padding, long dilation, long groups);
    [LibraryImport(Library)] internal static partial Tensor ts_conv2d(Tensor input, Tensor weight, Tensor bias, ReadOnlySpan<long> stride, ReadOnlySpan<long> padding, ReadOnlySpan<long> dilation, long groups);
    [LibraryImport(Library)] internal static partial Tensor ts_conv_transpose2d(Tensor input, Tensor weight, Tensor bias, ReadOnlySpan<long> stride, ReadOnlySpan<long> padding, ReadOnlySpan<long> output_padding, long groups, ReadOnlySpan<long> dilation);
    [LibraryImport(Library)] internal static partial Tensor ts_max_pool2d(Tensor t, ReadOnlySpan<long> kernel, ReadOnlySpan<long> stride, ReadOnlySpan<long> padding, ReadOnlySpan<long> dilation, Flag ceil_mode);
    [LibraryImport(Library)] internal static partial Tensor ts_avg_pool2d(Tensor t, ReadOnlySpan<long> kernel, ReadOnlySpan<long> stride, ReadOnlySpan<long> padding, Flag ceil_mode, Flag include_padding);
    [LibraryImport(Library)] internal static partial Tensor ts_adaptive_avg_pool2d(Tensor t, ReadOnlySpan<long> size);
    [LibraryImport(Library)] internal static partial Tensor ts_unfold(Tensor t, ReadOnlySpan<long> kernel, ReadOnlySpan<long> dilation, ReadOnlySpan<long> padding, ReadOnlySpan<long> stride);
    [LibraryImport(Library)] internal static partial Tensor ts_pixel_shuffle(Tensor t, long factor);
}
