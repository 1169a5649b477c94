namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public static partial class functional
        {
            public static Tensor relu(Tensor x, bool inplace = false) => inplace ? x.relu_() : x.relu();

            public static Tensor relu6(Tensor x, bool inplace = false) => inplace ? x.clamp_(0, 6) : Native.ts_relu6(x);

            public static Tensor leaky_relu(Tensor input, double negative_slope = 0.01, bool inplace = false) =>
                Store(Native.ts_leaky_relu(input, negative_slope), input, inplace);

            public static Tensor elu(Tensor x, double alpha, bool inplace = false) => Store(Native.ts_elu(x, alpha), x, inplace);

            /// <summary>x Φ(x), exact: no tanh approximation.</summary>
            public static Tensor gelu(Tensor x) => x.gelu();

            public static Tensor silu(Tensor x, bool inplace = false) => inplace ? x.silu_() : x.silu();

            public static Tensor sigmoid(Tensor x) => x.sigmoid();

            public static Tensor tanh(Tensor x, bool inplace = false) => inplace ? x.tanh_() : x.tanh();

            /// <summary>log(1 + exp(beta x)) / beta; x itself where beta x exceeds the threshold.</summary>
            public static Tensor softplus(Tensor x, double beta = 1, double threshold = 20) => Native.ts_softplus(x, beta, threshold);

            public static Tensor logsigmoid(Tensor x) => Native.ts_logsigmoid(x);

            public static Tensor softmax(Tensor input, long dim, ScalarType? dtype = null) => input.softmax(dim, dtype);

            public static Tensor log_softmax(Tensor x, long dim) => x.log_softmax(dim);

            /// <summary>In training, zeros each element with probability <paramref name="p"/> and scales the others by 1 / (1 - p).</summary>
            public static Tensor dropout(Tensor input, double p = 0.5, bool training = true, bool inplace = false)
            {
                if (!inplace) return Native.ts_dropout(input, p, training);
                Native.ts_dropout_(input, p, training);
                return input;
            }

            private static Tensor Store(Tensor result, Tensor input, bool inplace) => inplace ? input.copy_(result) : result;
        }
    }
}
