using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace TorchSharp;

internal static unsafe partial class Native
{
    [LibraryImport(Library)] internal static partial Tensor ts_view(Tensor t, ReadOnlySpan<long> s, long n);
    [LibraryImport(Library)] internal static partial Tensor ts_reshape(Tensor t, ReadOnlySpan<long> s, long n);
    [LibraryImport(Library)] internal static partial Tensor ts_transpose(Tensor t, long a, long b);
    [LibraryImport(Library)] internal static partial Outcome ts_transpose_(Tensor t, long a, long b);
    [LibraryImport(Library)] internal static partial Tensor ts_t(Tensor t);
    [LibraryImport(Library)] internal static partial Tensor ts_permute(Tensor t, ReadOnlySpan<long> s, long n);
    [LibraryImport(Library)] internal static partial Tensor ts_expand(Tensor t, ReadOnlySpan<long> s, long n, Flag isImplicit);
    [LibraryImport(Library)] internal static partial Tensor ts_repeat(Tensor t, ReadOnlySpan<long> s, long n);
    [LibraryImport(Library)] internal static partial Tensor ts_squeeze(Tensor t, ReadOnlySpan<long> dim);
    [LibraryImport(Library)] internal static partial Tensor ts_unsqueeze(Tensor t, long dim);
    [LibraryImport(Library)] internal static partial Outcome ts_unsqueeze_(Tensor t, long dim);
    [LibraryImport(Library)] internal static partial Outcome ts_squeeze_(Tensor t, ReadOnlySpan<long> dim);
    [LibraryImport(Library)] internal static partial Tensor ts_flatten(Tensor t, long start, long end);
    [LibraryImport(Library)] internal static partial Tensor ts_flip(Tensor t, ReadOnlySpan<long> s, long n);
    [LibraryImport(Library)] internal static partial Tensor ts_roll(Tensor t, ReadOnlySpan<long> shifts, long n, ReadOnlySpan<long> dims, long m);
    [LibraryImport(Library)] internal static partial Tensor ts_narrow(Tensor t, long dim, long start, long length);
    [LibraryImport(Library)] internal static partial Tensor ts_select(Tensor t, long dim, long index);
    [LibraryImport(Library)] internal static partial Tensor ts_slice(Tensor t, long dim, long start, long end, long step);
    [LibraryImport(Library)] internal static partial Tensor ts_tril(Tensor t, long diagonal);
    [LibraryImport(Library)] internal static partial Tensor ts_triu(Tensor t, long diagonal);
    [LibraryImport(Library)] internal static partial Tensor ts_diag(Tensor t, long diagonal);
    [LibraryImport(Library)] internal static partial Tensor ts_diagonal(Tensor t, long offset, long a, long b);
    [LibraryImport(Library)] internal static partial Tensor ts_tensor_unfold(Tensor t, long dim, long size, long step);
    [LibraryImport(Library)] internal static partial Tensor ts_unflatten(Tensor t, long dim, ReadOnlySpan<long> s, long n);
    [LibraryImport(Library)] internal static partial Tensor ts_cat(nint[] tensors, long count, long dim);
    [LibraryImport(Library)] internal static partial Tensor ts_stack(nint[] tensors, long count, long dim);
    [LibraryImport(Library)] internal static partial long ts_split(Tensor t, long size, long dim, out nint @out);
    [LibraryImport(Library)] internal static partial long ts_split_sizes(Tensor t, ReadOnlySpan<long> s, long n, long dim, out nint @out);
    [LibraryImport(Library)] internal static partial long ts_chunk(Tensor t, long chunks, long dim, out nint @out);
    [LibraryImport(Library)] internal static partial long ts_unbind(Tensor t, long dim, out nint @out);
    [LibraryImport(Library)] internal static partial long ts_meshgrid(nint[] tensors, long count, Flag xy, out nint @out);
    [LibraryImport(Library)] internal static partial Tensor ts_repeat_interleave(Tensor t, long repeats, ReadOnlySpan<long> dim);
    [LibraryImport(Library)] internal static partial Tensor ts_repeat_interleave_each(Tensor t, Tensor repeats, ReadOnlySpan<long> dim);
}
