using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace TorchSharp;

internal static unsafe partial class Native
{
    [LibraryImport(Library)] internal static partial Tensor ts_layer_norm(Tensor t, ReadOnlySpan<long> s, long n, Tensor weight, Tensor bias, double eps);
    [LibraryImport(Library)] internal static partial Tensor ts_group_norm(Tensor t, long groups, Tensor weight, Tensor bias, double eps);
    [LibraryImport(Library)] internal static partial Tensor ts_batch_norm(Tensor t, Tensor weight, Tensor bias, Tensor mean, Tensor var, Flag training, double momentum, double eps);
    [LibraryImport(Library)] internal static partial Tensor ts_one_hot(Tensor t, long classes);
    [LibraryImport(Library)] internal static partial Tensor ts_cosine_similarity(Tensor a, Tensor b, long dim, double eps);
}
