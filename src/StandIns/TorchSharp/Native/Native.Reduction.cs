using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace TorchSharp;

internal static unsafe partial class Native
{
    [LibraryImport(Library)] internal static partial Tensor ts_sum(Tensor t, int type);
    [LibraryImport(Library)] internal static partial Tensor ts_sum_dims(Tensor t, ReadOnlySpan<long> d, long n, Flag keep, int type);
    [LibraryImport(Library)] internal static partial Tensor ts_mean(Tensor t);
    [LibraryImport(Library)] internal static partial Tensor ts_mean_dims(Tensor t, ReadOnlySpan<long> d, long n, Flag keep, int type);
    [LibraryImport(Library)] internal static partial Tensor ts_prod(Tensor t, int type);
    [LibraryImport(Library)] internal static partial Tensor ts_std(Tensor t, Flag unbiased);
    [LibraryImport(Library)] internal static partial Tensor ts_std_dims(Tensor t, ReadOnlySpan<long> d, long n, Flag unbiased, Flag keep);
    [LibraryImport(Library)] internal static partial Tensor ts_var(Tensor t, Flag unbiased);
    [LibraryImport(Library)] internal static partial Tensor ts_var_dims(Tensor t, ReadOnlySpan<long> d, long n, Flag unbiased, Flag keep);
    [LibraryImport(Library)] internal static partial Tensor ts_max(Tensor t);
    [LibraryImport(Library)] internal static partial Tensor ts_min(Tensor t);
    [LibraryImport(Library)] internal static partial Tensor ts_max_dim(Tensor t, long dim, Flag keep, out nint second);
    [LibraryImport(Library)] internal static partial Tensor ts_min_dim(Tensor t, long dim, Flag keep, out nint second);
    [LibraryImport(Library)] internal static partial Tensor ts_amax(Tensor t, ReadOnlySpan<long> d, long n, Flag keep);
    [LibraryImport(Library)] internal static partial Tensor ts_amin(Tensor t, ReadOnlySpan<long> d, long n, Flag keep);
    [LibraryImport(Library)] internal static partial Tensor ts_argmax(Tensor t, ReadOnlySpan<long> dim, Flag keep);
    [LibraryImport(Library)] internal static partial Tensor ts_argmin(Tensor t, ReadOnlySpan<long> dim, Flag keep);
    [LibraryImport(Library)] internal static partial Tensor ts_any(Tensor t);
    [LibraryImport(Library)] internal static partial Tensor ts_any_dim(Tensor t, long dim, Flag keep);
    [LibraryImport(Library)] internal static partial Tensor ts_all(Tensor t);
    [LibraryImport(Library)] internal static partial Tensor ts_all_dim(Tensor t, long dim, Flag keep);
    [LibraryImport(Library)] internal static partial Tensor ts_logsumexp(Tensor t, long dim, Flag keep);
    [LibraryImport(Library)] internal static partial Tensor ts_norm(Tensor t, double p);
    [LibraryImport(Library)] internal static partial Tensor ts_norm_dim(Tensor t, double p, long dim, Flag keep);
    [LibraryImport(Library)] internal static partial Tensor ts_median(Tensor t);
    [LibraryImport(Library)] internal static partial Tensor ts_histc(Tensor t, long bins, long low, long high);
    [LibraryImport(Library)] internal static partial Tensor ts_cumsum(Tensor t, long dim, int type);
    [LibraryImport(Library)] internal static partial Tensor ts_cumprod(Tensor t, long dim, int type);
}
