namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public Tensor matmul(Tensor target) => Native.ts_matmul(this, target);

        public Tensor mm(Tensor target) => Native.ts_mm(this, target);

        public Tensor bmm(Tensor batch2) => Native.ts_bmm(this, batch2);

        public Tensor dot(Tensor target) => Native.ts_dot(this, target);

        public Tensor outer(Tensor vec2) => Native.ts_outer(this, vec2);

        /// <summary>beta * this + alpha * mat1 @ mat2.</summary>
        public Tensor addmm(Tensor mat1, Tensor mat2, float beta = 1f, float alpha = 1f) => Native.ts_addmm(this, mat1, mat2, beta, alpha);
    }
}
