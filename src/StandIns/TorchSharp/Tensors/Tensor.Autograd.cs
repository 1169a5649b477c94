namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public bool requires_grad
        {
            get => Native.ts_requires_grad(this) != 0;
            set => Native.ts_set_requires_grad(this, value);
        }

        public Tensor requires_grad_(bool requires_grad = true) => with_requires_grad(requires_grad);

        public Tensor with_requires_grad(bool requires_grad = true)
        {
            this.requires_grad = requires_grad;
            return this;
        }

        public bool is_leaf => Native.ts_is_leaf(this) != 0;

        public void retain_grad() => Native.ts_retain_grad(this);

        /// <summary>The accumulated gradient, null when there is none yet.</summary>
        public Tensor grad
        {
            get => Native.ts_grad(this);
            set => Native.ts_set_grad(this, value);
        }

        public Tensor detach() => Native.ts_detach(this);

        public Tensor detach_()
        {
            Native.ts_detach_(this);
            return this;
        }

        public void backward() => backward(null);

        /// <summary>Adds the derivative of this tensor (weighted by <paramref name="grad_tensors"/>; a single element needs none) to the gradients of the leaves.</summary>
        /// <remarks>The two flags take effect in each other's place, as in the official package: the first keeps the graph, the second records the backward pass.</remarks>
        public void backward(IList<Tensor> grad_tensors = null, bool create_graph = false, bool retain_graph = false, IList<Tensor> inputs = null) =>
            autograd.backward([this], grad_tensors, create_graph, retain_graph, inputs);
    }
}
