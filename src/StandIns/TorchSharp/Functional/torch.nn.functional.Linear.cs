namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public static partial class functional
        {
            /// <summary>input · weightsᵀ + bias, over the last dimension.</summary>
            public static Tensor linear(Tensor input, Tensor weights, Tensor bias = null) => Native.ts_linear(input, weights, bias);

            public static Tensor one_hot(Tensor x, long num_classes = -1) => Native.ts_one_hot(x, num_classes);

            public static Tensor cosine_similarity(Tensor x1, Tensor x2, long dim = 1, double eps = 1e-08) => Native.ts_cosine_similarity(x1, x2, dim, eps);

            /// <summary>softmax(query · keyᵀ / sqrt(d)) · value, written out: libtorch 1.13 has no fused form with this signature.</summary>
            /// <param name="query">(..., L, d)</param>
            /// <param name="key">(..., S, d)</param>
            /// <param name="value">(..., S, v)</param>
            /// <param name="attn_mask">Broadcast to (..., L, S): Bool, where true takes part, or added to the scores.</param>
            /// <param name="p">Dropout of the attention weights.</param>
            /// <param name="is_casual">Whether query i sees the keys up to i only.</param>
            public static Tensor scaled_dot_product_attention(Tensor query, Tensor key, Tensor value, Tensor attn_mask = null, double p = 0, bool is_casual = false)
            {
                if (is_casual && attn_mask is not null)
                    throw new ArgumentException("A causal attention takes no further mask. Pass one or the other.", nameof(attn_mask));
                using var scope = NewDisposeScope();
                var scores = matmul(query * (1 / Math.Sqrt(query.size(-1))), key.transpose(-2, -1));
                if (is_casual) attn_mask = ones(query.size(-2), key.size(-2), ScalarType.Bool, query.device).tril();
                if (attn_mask is not null)
                    scores = attn_mask.dtype == ScalarType.Bool ? scores.masked_fill(attn_mask.logical_not(), double.NegativeInfinity) : scores + attn_mask;
                return matmul(dropout(scores.softmax(-1), p, p > 0), value).MoveToOuterDisposeScope();
            }
        }
    }
}
