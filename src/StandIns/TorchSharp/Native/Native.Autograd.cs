using System.Runtime.InteropServices;
using System.Runtime.InteropServices.Marshalling;
using static TorchSharp.torch;

namespace TorchSharp;

internal static unsafe partial class Native
{
    [LibraryImport(Library)] internal static partial int ts_requires_grad(Tensor t);
    [LibraryImport(Library)] internal static partial int ts_is_leaf(Tensor t);
    [LibraryImport(Library)] internal static partial Outcome ts_set_requires_grad(Tensor t, Flag on);
    [LibraryImport(Library)] internal static partial Outcome ts_retain_grad(Tensor t);
    [LibraryImport(Library)]
    [return: MarshalUsing(typeof(OptionalTensorMarshaller))]
    internal static partial Tensor ts_grad(Tensor t);
    [LibraryImport(Library)] internal static partial Outcome ts_set_grad(Tensor t, Tensor gradient);
    [LibraryImport(Library)] internal static partial Outcome ts_backward(nint[] tensors, long count, nint[] grads, long grad_count, Flag retain, Flag create, nint[] inputs, long input_count);
    [LibraryImport(Library)] internal static partial long ts_autograd_grad(nint[] outputs, long count, nint[] inputs, long input_count, nint[] grads, long grad_count, Flag retain, Flag create, Flag allow_unused, out nint @out);
    [LibraryImport(Library)] internal static partial int ts_grad_mode();
    [LibraryImport(Library)] internal static partial void ts_set_grad_mode(Flag on);
    [LibraryImport(Library)] internal static partial nint ts_inference_mode(Flag on);
    [LibraryImport(Library)] internal static partial void ts_inference_mode_dispose(nint mode);
}
