using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>The gradients of many parameters at once.</summary>
internal static class Gradients
{
    public static void Clear(IEnumerable<Parameter> parameters, bool setToNone)
    {
        using var list = new TensorList(parameters.ToArray<Tensor>());
        Native.ts_clear_gradients(list.Handles, list.Count, setToNone);
    }

    /// <summary>Scales the gradients together to a norm of at most <paramref name="maximum"/> and returns the norm they had.</summary>
    public static unsafe double ClipNorm(IEnumerable<Parameter> parameters, double maximum, double normType)
    {
        using var list = new TensorList(parameters.ToArray<Tensor>());
        double norm;
        Native.ts_clip_gradients(list.Handles, list.Count, maximum, normType, &norm);
        return norm;
    }
}
