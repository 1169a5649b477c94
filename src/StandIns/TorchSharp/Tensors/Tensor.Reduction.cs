namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public Tensor sum(ScalarType? type = null) => Native.ts_sum(this, Code(type));

        public Tensor sum(long dim, bool keepdim = false, ScalarType? type = null) => sum([dim], keepdim, type);

        public Tensor sum(long[] dim, bool keepdim = false, ScalarType? type = null) => Native.ts_sum_dims(this, dim, dim.Length, keepdim, Code(type));

        public Tensor sum(ReadOnlySpan<long> dim, bool keepdim = false, ScalarType? type = null) => Native.ts_sum_dims(this, dim, dim.Length, keepdim, Code(type));

        public Tensor prod(ScalarType? type = null) => Native.ts_prod(this, Code(type));

        public Tensor mean() => Native.ts_mean(this);

        public Tensor mean(long[] dimensions, bool keepdim = false, ScalarType? type = null) =>
            Native.ts_mean_dims(this, dimensions, dimensions.Length, keepdim, Code(type));

        public Tensor std(bool unbiased = true) => Native.ts_std(this, unbiased);

        public Tensor std(long dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) => std([dim], unbiased, keepdim, type);

        public Tensor std(long[] dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            InType(type).StandardDeviation(dimensions, unbiased, keepdim);

        public Tensor var(bool unbiased = true) => Native.ts_var(this, unbiased);

        public Tensor var(long dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) => var([dim], unbiased, keepdim, type);

        public Tensor var(long[] dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            InType(type).Variance(dimensions, unbiased, keepdim);

        public Tensor max() => Native.ts_max(this);

        public (Tensor values, Tensor indexes) max(long dim, bool keepdim = false) => Pair(Native.ts_max_dim(this, dim, keepdim, out var indices), indices);

        public Tensor min() => Native.ts_min(this);

        public (Tensor values, Tensor indexes) min(long dim, bool keepdim = false) => Pair(Native.ts_min_dim(this, dim, keepdim, out var indices), indices);

        public Tensor amax(params long[] dims) => Native.ts_amax(this, dims, dims.Length, false);

        public Tensor amax(long[] dims, bool keepdim = false, Tensor @out = null) => Into(@out, Native.ts_amax(this, dims, dims.Length, keepdim));

        public Tensor amin(params long[] dims) => Native.ts_amin(this, dims, dims.Length, false);

        public Tensor amin(long[] dims, bool keepdim = false, Tensor @out = null) => Into(@out, Native.ts_amin(this, dims, dims.Length, keepdim));

        public Tensor argmax() => Native.ts_argmax(this, default, false);

        public Tensor argmax(long dim, bool keepdim = false) => Native.ts_argmax(this, [dim], keepdim);

        public Tensor argmin() => Native.ts_argmin(this, default, false);

        public Tensor argmin(long dim, bool keepdim = false) => Native.ts_argmin(this, [dim], keepdim);

        public Tensor any() => Native.ts_any(this);

        public Tensor any(long dim, bool keepdim = false) => Native.ts_any_dim(this, dim, keepdim);

        public Tensor all() => Native.ts_all(this);

        public Tensor all(long dim, bool keepdim = false) => Native.ts_all_dim(this, dim, keepdim);

        public Tensor logsumexp(long dim, bool keepdim = false) => Native.ts_logsumexp(this, dim, keepdim);

        public Tensor norm(float p = 2f) => Native.ts_norm(this, p);

        public Tensor norm(int dim, bool keepdim = false, float p = 2f) => Native.ts_norm_dim(this, p, dim, keepdim);

        public Tensor median() => Native.ts_median(this);

        public Tensor cumsum(long dim, ScalarType? type = null) => Native.ts_cumsum(this, dim, Code(type));

        public Tensor cumprod(long dim, ScalarType? type = null) => Native.ts_cumprod(this, dim, Code(type));

        private Tensor InType(ScalarType? type) => type is { } present && present != dtype ? to_type(present) : this;

        private Tensor StandardDeviation(long[] dimensions, bool unbiased, bool keep) => Native.ts_std_dims(this, dimensions, dimensions.Length, unbiased, keep);

        private Tensor Variance(long[] dimensions, bool unbiased, bool keep) => Native.ts_var_dims(this, dimensions, dimensions.Length, unbiased, keep);

        private static Tensor Into(Tensor target, Tensor result) => target is null ? result : target.set_(result);

        public Tensor set_(Tensor source)
        {
            Native.ts_set_(this, source);
            return this;
        }
    }
}
