using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace TorchSharp;

internal static unsafe partial class Native
{
    [LibraryImport(Library)] internal static partial Tensor ts_matmul(Tensor a, Tensor b);
    [LibraryImport(Library)] internal static partial Tensor ts_mm(Tensor a, Tensor b);
    [LibraryImport(Library)] internal static partial Tensor ts_bmm(Tensor a, Tensor b);
    [LibraryImport(Library)] internal static partial Tensor ts_dot(Tensor a, Tensor b);
    [LibraryImport(Library)] internal static partial Tensor ts_outer(Tensor a, Tensor b);
    [LibraryImport(Library)] internal static partial Tensor ts_addmm(Tensor t, Tensor a, Tensor b, double beta, double alpha);
    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)] internal static partial Tensor ts_einsum(string equation, nint[] tensors, long count);
    [LibraryImport(Library)] internal static partial Tensor ts_linear(Tensor input, Tensor weight, Tensor bias);
    [LibraryImport(Library)] internal static partial Tensor ts_linalg_norm(Tensor t, ReadOnlySpan<long> d, long n, Flag keep);
}
