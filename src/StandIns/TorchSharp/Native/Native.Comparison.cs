using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace TorchSharp;

internal static unsafe partial class Native
{
    [LibraryImport(Library)] internal static partial Tensor ts_eq(Tensor a, Tensor b);
    [LibraryImport(Library)] internal static partial Tensor ts_eq_scalar(Tensor a, Number b);
    [LibraryImport(Library)] internal static partial Tensor ts_ne(Tensor a, Tensor b);
    [LibraryImport(Library)] internal static partial Tensor ts_ne_scalar(Tensor a, Number b);
    [LibraryImport(Library)] internal static partial Tensor ts_lt(Tensor a, Tensor b);
    [LibraryImport(Library)] internal static partial Tensor ts_lt_scalar(Tensor a, Number b);
    [LibraryImport(Library)] internal static partial Tensor ts_le(Tensor a, Tensor b);
    [LibraryImport(Library)] internal static partial Tensor ts_le_scalar(Tensor a, Number b);
    [LibraryImport(Library)] internal static partial Tensor ts_gt(Tensor a, Tensor b);
    [LibraryImport(Library)] internal static partial Tensor ts_gt_scalar(Tensor a, Number b);
    [LibraryImport(Library)] internal static partial Tensor ts_ge(Tensor a, Tensor b);
    [LibraryImport(Library)] internal static partial Tensor ts_ge_scalar(Tensor a, Number b);
    [LibraryImport(Library)] internal static partial Tensor ts_logical_and(Tensor a, Tensor b);
    [LibraryImport(Library)] internal static partial Tensor ts_logical_or(Tensor a, Tensor b);
    [LibraryImport(Library)] internal static partial Tensor ts_logical_xor(Tensor a, Tensor b);
    [LibraryImport(Library)] internal static partial Tensor ts_logical_not(Tensor t);
    [LibraryImport(Library)] internal static partial Tensor ts_bitwise_and(Tensor a, Tensor b);
    [LibraryImport(Library)] internal static partial Tensor ts_bitwise_or(Tensor a, Tensor b);
    [LibraryImport(Library)] internal static partial Tensor ts_bitwise_xor(Tensor a, Tensor b);
    [LibraryImport(Library)] internal static partial Tensor ts_bitwise_not(Tensor t);
    [LibraryImport(Library)] internal static partial Tensor ts_isnan(Tensor t);
    [LibraryImport(Library)] internal static partial Tensor ts_isinf(Tensor t);
    [LibraryImport(Library)] internal static partial Tensor ts_isfinite(Tensor t);
    [LibraryImport(Library)] internal static partial Outcome ts_allclose(Tensor a, Tensor b, double rtol, double atol, Flag equal_nan, byte* @out);
    [LibraryImport(Library)] internal static partial Outcome ts_equal(Tensor a, Tensor b, byte* @out);
}
