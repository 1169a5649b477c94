namespace TorchSharp;

public static partial class torch
{
    public static Tensor matmul(Tensor input, Tensor target) => input.matmul(target);

    public static Tensor mm(Tensor input, Tensor target) => input.mm(target);

    public static Tensor bmm(Tensor input, Tensor batch2) => input.bmm(batch2);

    public static Tensor dot(Tensor input, Tensor other) => input.dot(other);

    public static Tensor outer(Tensor input, Tensor vec2) => input.outer(vec2);

    public static Tensor addmm(Tensor input, Tensor mat1, Tensor mat2, float beta, float alpha) => input.addmm(mat1, mat2, beta, alpha);

    public static Tensor einsum(string equation, params Tensor[] tensors)
    {
        using var list = new TensorList(tensors);
        return Native.ts_einsum(equation, list.Handles, list.Count);
    }

    public static class linalg
    {
        /// <summary>The 2-norm, over the whole tensor where no dimensions are given.</summary>
        public static Tensor norm(Tensor input, long[] dims = null, bool keepdim = false) => Native.ts_linalg_norm(input, dims, dims?.Length ?? 0, keepdim);
    }
}
