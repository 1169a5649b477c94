namespace TorchSharp;

public static partial class torch
{
    public static class autograd
    {
        public static void backward(IList<Tensor> tensors, IList<Tensor> grad_tensors = null, bool? retain_graph = null, bool create_graph = false, IList<Tensor> inputs = null)
        {
            using var roots = new TensorList(tensors);
            using var weights = new TensorList(grad_tensors ?? new Tensor[tensors.Count]);
            using var leaves = new TensorList(inputs);
            Native.ts_backward(roots.Handles, roots.Count, weights.Handles, weights.Count, retain_graph ?? create_graph, create_graph, leaves.Handles, leaves.Count);
        }

        /// <summary>The derivatives of <paramref name="outputs"/> by each of <paramref name="inputs"/>, without touching any tensor's own gradient.</summary>
        public static IList<Tensor> grad(IList<Tensor> outputs, IList<Tensor> inputs, IList<Tensor> grad_outputs = null, bool retain_graph = false, bool create_graph = false, bool allow_unused = false)
        {
            using var roots = new TensorList(outputs);
            using var weights = new TensorList(grad_outputs ?? new Tensor[outputs.Count]);
            using var leaves = new TensorList(inputs);
            return Tensor.Take(Native.ts_autograd_grad(roots.Handles, roots.Count, leaves.Handles, leaves.Count, weights.Handles, weights.Count,
                retain_graph, create_graph, allow_unused, out var gradients), gradients);
        }
    }

    public static bool is_grad_enabled() => Native.ts_grad_mode() != 0;

    public static IDisposable no_grad() => new GradientMode(false);

    public static IDisposable enable_grad(bool enabled = true) => new GradientMode(enabled);

    public static IDisposable set_grad_enabled(bool mode = true) => new GradientMode(mode);

    public static IDisposable inference_mode(bool mode = true) => new InferenceMode(mode);

    /// <summary>Whether operations record for gradients, on this thread, until it is disposed.</summary>
    private sealed class GradientMode : IDisposable
    {
        private readonly bool _before = is_grad_enabled();

        public GradientMode(bool enabled) => Native.ts_set_grad_mode(enabled);

        public void Dispose() => Native.ts_set_grad_mode(_before);
    }

    private sealed class InferenceMode(bool enabled) : IDisposable
    {
        private nint _guard = Native.ts_inference_mode(enabled);

        public void Dispose()
        {
            if (_guard != 0) Native.ts_inference_mode_dispose(_guard);
            _guard = 0;
        }
    }
}
