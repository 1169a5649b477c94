using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace TorchSharp;

internal static unsafe partial class Native
{
    [LibraryImport(Library)] internal static partial Tensor ts_softmax(Tensor t, long dim, int type);
    [LibraryImport(Library)] internal static partial Tensor ts_log_softmax(Tensor t, long dim, int type);
    [LibraryImport(Library)] internal static partial Tensor ts_leaky_relu(Tensor t, double slope);
    [LibraryImport(Library)] internal static partial Tensor ts_elu(Tensor t, double alpha);
    [LibraryImport(Library)] internal static partial Tensor ts_relu6(Tensor t);
    [LibraryImport(Library)] internal static partial Tensor ts_softplus(Tensor t, double beta, double threshold);
    [LibraryImport(Library)] internal static partial Tensor ts_logsigmoid(Tensor t);
    [LibraryImport(Library)] internal static partial Tensor ts_dropout(Tensor t, double p, Flag training);
    [LibraryImport(Library)] internal static partial Outcome ts_dropout_(Tensor t, double p, Flag training);
    [LibraryImport(Library)] internal static partial Tensor ts_gelu(Tensor t);
}
