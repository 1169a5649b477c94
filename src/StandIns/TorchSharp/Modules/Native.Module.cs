using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace TorchSharp;

internal static unsafe partial class Native
{
    [LibraryImport(Library)] internal static partial Tensor ts_embedding(Tensor weight, Tensor indices, long padding_index, double* max_norm, double norm_type, Flag by_frequency, Flag sparse);
    [LibraryImport(Library)] internal static partial Outcome ts_move_data(Tensor t, int device_type, int device_index, int type, Flag non_blocking);
}
