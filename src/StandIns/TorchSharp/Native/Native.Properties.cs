using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace TorchSharp;

internal static unsafe partial class Native
{
    [LibraryImport(Library)] internal static partial void ts_dispose(nint handle);
    [LibraryImport(Library)] internal static partial long ts_ndimension(Tensor t);
    [LibraryImport(Library)] internal static partial long ts_numel(Tensor t);
    [LibraryImport(Library)] internal static partial int ts_scalar_type(Tensor t);
    [LibraryImport(Library)] internal static partial long ts_element_size(Tensor t);
    [LibraryImport(Library)] internal static partial int ts_device_type(Tensor t);
    [LibraryImport(Library)] internal static partial int ts_device_index(Tensor t);
    [LibraryImport(Library)] internal static partial int ts_is_contiguous(Tensor t);
    [LibraryImport(Library)] internal static partial Outcome ts_sizes(Tensor t, long* @out);
    [LibraryImport(Library)] internal static partial Outcome ts_strides(Tensor t, long* @out);
    [LibraryImport(Library)] internal static partial Outcome ts_data_pointer(Tensor t, void** @out);
    [LibraryImport(Library)] internal static partial Outcome ts_item(Tensor t, Number* @out);
    [LibraryImport(Library)] internal static partial Tensor ts_alias(Tensor t);
    [LibraryImport(Library)] internal static partial Tensor ts_share(Tensor t);
    [LibraryImport(Library)] internal static partial Tensor ts_clone(Tensor t);
    [LibraryImport(Library)] internal static partial Tensor ts_contiguous(Tensor t);
    [LibraryImport(Library)] internal static partial Tensor ts_detach(Tensor t);
    [LibraryImport(Library)] internal static partial Outcome ts_detach_(Tensor t);
    [LibraryImport(Library)] internal static partial Outcome ts_copy_(Tensor t, Tensor source, Flag non_blocking);
    [LibraryImport(Library)] internal static partial Outcome ts_set_(Tensor t, Tensor source);
    [LibraryImport(Library)] internal static partial Outcome ts_set_data(Tensor t, Tensor source);
    [LibraryImport(Library)] internal static partial Tensor ts_to_type(Tensor t, int type, Flag copy, Flag non_blocking);
    [LibraryImport(Library)] internal static partial Tensor ts_to_device(Tensor t, int device, int index, int type, Flag copy, Flag non_blocking);
}
