using System.Runtime.InteropServices;
using System.Runtime.InteropServices.Marshalling;

namespace TorchSharp;

/// <summary>
/// Passes tensors to native functions, null as a null pointer, and keeps them alive during the call; takes their results
/// over, registered in the current dispose scope, and throws where a function that always gives a tensor gives none.
/// </summary>
[CustomMarshaller(typeof(torch.Tensor), MarshalMode.ManagedToUnmanagedIn, typeof(In))]
[CustomMarshaller(typeof(torch.Tensor), MarshalMode.ManagedToUnmanagedOut, typeof(TensorMarshaller))]
internal static class TensorMarshaller
{
    public static torch.Tensor ConvertToManaged(nint handle)
    {
        if (handle == 0) Native.ThrowError();
        return new torch.Tensor(handle);
    }

    public ref struct In
    {
        private torch.Tensor _tensor;

        public void FromManaged(torch.Tensor tensor) => _tensor = tensor;

        public readonly nint ToUnmanaged() => _tensor is null ? 0 : _tensor.Handle;

        public readonly void Free() => GC.KeepAlive(_tensor);
    }
}

/// <summary>The same where no tensor is an answer too: null then, unless there is an error.</summary>
[CustomMarshaller(typeof(torch.Tensor), MarshalMode.ManagedToUnmanagedOut, typeof(OptionalTensorMarshaller))]
internal static class OptionalTensorMarshaller
{
    public static torch.Tensor ConvertToManaged(nint handle)
    {
        if (handle != 0) return new torch.Tensor(handle);
        Native.ThrowPendingError();
        return null;
    }
}

/// <summary>The result of a native function that gives nothing back but may fail.</summary>
[NativeMarshalling(typeof(OutcomeMarshaller))]
internal readonly struct Outcome;

[CustomMarshaller(typeof(Outcome), MarshalMode.ManagedToUnmanagedOut, typeof(OutcomeMarshaller))]
internal static class OutcomeMarshaller
{
    public static Outcome ConvertToManaged(int succeeded)
    {
        if (succeeded == 0) Native.ThrowError();
        return default;
    }
}

/// <summary>A list of tensors for the length of one native call.</summary>
internal readonly ref struct TensorList(IList<torch.Tensor> tensors)
{
    public readonly nint[] Handles = GetHandles(tensors);

    public long Count => Handles.Length;

    public void Dispose() => GC.KeepAlive(tensors);

    private static nint[] GetHandles(IList<torch.Tensor> tensors)
    {
        if (tensors is null) return [];
        var handles = new nint[tensors.Count];
        for (var i = 0; i < handles.Length; i++) handles[i] = tensors[i] is null ? 0 : tensors[i].Handle;
        return handles;
    }
}
