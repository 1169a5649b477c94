using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace TorchSharp;

internal static unsafe partial class Native
{
    [LibraryImport(Library)] internal static partial Tensor ts_cross_entropy(Tensor t, Tensor target, Tensor weight, long reduction, long ignore_index, double label_smoothing);
    [LibraryImport(Library)] internal static partial Tensor ts_nll_loss(Tensor t, Tensor target, Tensor weight, long reduction, long ignore_index);
    [LibraryImport(Library)] internal static partial Tensor ts_binary_cross_entropy(Tensor t, Tensor target, Tensor weight, long reduction);
    [LibraryImport(Library)] internal static partial Tensor ts_binary_cross_entropy_with_logits(Tensor t, Tensor target, Tensor weight, Tensor pos_weight, long reduction);
    [LibraryImport(Library)] internal static partial Tensor ts_mse_loss(Tensor t, Tensor target, long reduction);
    [LibraryImport(Library)] internal static partial Tensor ts_l1_loss(Tensor t, Tensor target, long reduction);
    [LibraryImport(Library)] internal static partial Tensor ts_smooth_l1_loss(Tensor t, Tensor target, long reduction, double beta);
    [LibraryImport(Library)] internal static partial Tensor ts_huber_loss(Tensor t, Tensor target, long reduction, double delta);
    [LibraryImport(Library)] internal static partial Tensor ts_kl_div(Tensor t, Tensor target, long reduction, Flag log_target);
}
