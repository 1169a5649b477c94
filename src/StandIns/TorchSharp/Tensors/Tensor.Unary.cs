namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public Tensor abs() => Native.ts_abs(this);

        public Tensor abs_()
        {
            Native.ts_abs_(this);
            return this;
        }

        public Tensor neg() => Native.ts_neg(this);

        public Tensor neg_()
        {
            Native.ts_neg_(this);
            return this;
        }

        public Tensor exp() => Native.ts_exp(this);

        public Tensor exp_()
        {
            Native.ts_exp_(this);
            return this;
        }

        public Tensor log() => Native.ts_log(this);

        public Tensor log_()
        {
            Native.ts_log_(this);
            return this;
        }

        public Tensor log1p() => Native.ts_log1p(this);

        public Tensor log1p_()
        {
            Native.ts_log1p_(this);
            return this;
        }

        public Tensor sqrt() => Native.ts_sqrt(this);

        public Tensor sqrt_()
        {
            Native.ts_sqrt_(this);
            return this;
        }

        public Tensor rsqrt() => Native.ts_rsqrt(this);

        public Tensor rsqrt_()
        {
            Native.ts_rsqrt_(this);
            return this;
        }

        public Tensor sin() => Native.ts_sin(this);

        public Tensor sin_()
        {
            Native.ts_sin_(this);
            return this;
        }

        public Tensor cos() => Native.ts_cos(this);

        public Tensor cos_()
        {
            Native.ts_cos_(this);
            return this;
        }

        public Tensor sign() => Native.ts_sign(this);

        public Tensor sign_()
        {
            Native.ts_sign_(this);
            return this;
        }

        public Tensor reciprocal() => Native.ts_reciprocal(this);

        public Tensor reciprocal_()
        {
            Native.ts_reciprocal_(this);
            return this;
        }

        public Tensor erf() => Native.ts_erf(this);

        public Tensor erf_()
        {
            Native.ts_erf_(this);
            return this;
        }

        public Tensor floor() => Native.ts_floor(this);

        public Tensor floor_()
        {
            Native.ts_floor_(this);
            return this;
        }

        public Tensor ceil() => Native.ts_ceil(this);

        public Tensor ceil_()
        {
            Native.ts_ceil_(this);
            return this;
        }

        public Tensor trunc() => Native.ts_trunc(this);

        public Tensor trunc_()
        {
            Native.ts_trunc_(this);
            return this;
        }

        public Tensor sigmoid() => Native.ts_sigmoid(this);

        public Tensor sigmoid_()
        {
            Native.ts_sigmoid_(this);
            return this;
        }

        public Tensor tanh() => Native.ts_tanh(this);

        public Tensor tanh_()
        {
            Native.ts_tanh_(this);
            return this;
        }

        public Tensor relu() => Native.ts_relu(this);

        public Tensor relu_()
        {
            Native.ts_relu_(this);
            return this;
        }

        public Tensor silu() => Native.ts_silu(this);

        public Tensor silu_()
        {
            Native.ts_silu_(this);
            return this;
        }

        public Tensor square() => Native.ts_square(this);

        public Tensor expm1() => Native.ts_expm1(this);

        public Tensor log2() => Native.ts_log2(this);

        public Tensor atan() => Native.ts_atan(this);

        public Tensor round(long decimals = 0) => Native.ts_round(this, decimals);

        public Tensor zero_()
        {
            Native.ts_zero_(this);
            return this;
        }

        public Tensor fill_(Scalar value)
        {
            Native.ts_fill_(this, value);
            return this;
        }

        public Tensor leaky_relu(Scalar negative_slope) => Native.ts_leaky_relu(this, negative_slope.Value.ToDouble());

        public Tensor gelu() => Native.ts_gelu(this);

        public Tensor softmax(long dim, ScalarType? dtype = null) => Native.ts_softmax(this, dim, Code(dtype));

        public Tensor log_softmax(long dim, ScalarType? dtype = null) => Native.ts_log_softmax(this, dim, Code(dtype));

        /// <summary>The native code of an optional element type.</summary>
        internal static int Code(ScalarType? type) => type is { } present ? (int)present : -1;
    }
}
