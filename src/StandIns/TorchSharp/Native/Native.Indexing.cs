using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace TorchSharp;

internal static unsafe partial class Native
{
    [LibraryImport(Library)] internal static partial Tensor ts_index(Tensor t, NativeIndex* entries, long count);
    [LibraryImport(Library)] internal static partial Outcome ts_index_put_(Tensor t, NativeIndex* entries, long count, Tensor value);
    [LibraryImport(Library)] internal static partial Outcome ts_index_put_scalar_(Tensor t, NativeIndex* entries, long count, Number value);
    [LibraryImport(Library)] internal static partial Tensor ts_index_select(Tensor t, long dim, Tensor index);
    [LibraryImport(Library)] internal static partial Tensor ts_index_add(Tensor t, long dim, Tensor index, Tensor source, Number alpha);
    [LibraryImport(Library)] internal static partial Outcome ts_index_add_(Tensor t, long dim, Tensor index, Tensor source, Number alpha);
    [LibraryImport(Library)] internal static partial Outcome ts_index_copy_(Tensor t, long dim, Tensor index, Tensor source);
    [LibraryImport(Library)] internal static partial Tensor ts_gather(Tensor t, long dim, Tensor index);
    [LibraryImport(Library)] internal static partial Tensor ts_scatter(Tensor t, long dim, Tensor index, Tensor source);
    [LibraryImport(Library)] internal static partial Outcome ts_scatter_(Tensor t, long dim, Tensor index, Tensor source);
    [LibraryImport(Library)] internal static partial Tensor ts_scatter_add(Tensor t, long dim, Tensor index, Tensor source);
    [LibraryImport(Library)] internal static partial Outcome ts_scatter_add_(Tensor t, long dim, Tensor index, Tensor source);
    [LibraryImport(Library)] internal static partial Tensor ts_masked_fill(Tensor t, Tensor mask, Number value);
    [LibraryImport(Library)] internal static partial Outcome ts_masked_fill_(Tensor t, Tensor mask, Number value);
    [LibraryImport(Library)] internal static partial Tensor ts_masked_select(Tensor t, Tensor mask);
    [LibraryImport(Library)] internal static partial Tensor ts_nonzero(Tensor t);
    [LibraryImport(Library)] internal static partial Tensor ts_where(Tensor condition, Tensor a, Tensor b);
    [LibraryImport(Library)] internal static partial long ts_where_indices(Tensor condition, out nint @out);
    [LibraryImport(Library)] internal static partial Tensor ts_topk(Tensor t, long k, long dim, Flag largest, Flag sorted, out nint second);
    [LibraryImport(Library)] internal static partial Tensor ts_sort(Tensor t, long dim, Flag descending, Flag stable, out nint second);
    [LibraryImport(Library)] internal static partial Tensor ts_argsort(Tensor t, long dim, Flag descending);
}
