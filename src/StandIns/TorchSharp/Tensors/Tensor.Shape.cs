namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public Tensor view(params long[] shape) => Native.ts_view(this, shape, shape.Length);

        public Tensor reshape(params long[] shape) => Native.ts_reshape(this, shape, shape.Length);

        public Tensor transpose(long dim0, long dim1) => Native.ts_transpose(this, dim0, dim1);

        public Tensor t() => Native.ts_t(this);

        public Tensor permute(params long[] permutation) => Native.ts_permute(this, permutation, permutation.Length);

        public Tensor expand(params long[] sizes) => expand(sizes, false);

        public Tensor expand(long[] sizes, bool isImplicit = false) => Native.ts_expand(this, sizes, sizes.Length, isImplicit);

        public Tensor expand(ReadOnlySpan<long> sizes, bool isImplicit = false) => Native.ts_expand(this, sizes, sizes.Length, isImplicit);

        public Tensor expand_as(Tensor other) => expand(other.shape);

        public Tensor repeat(params long[] sizes) => Native.ts_repeat(this, sizes, sizes.Length);

        public Tensor repeat_interleave(long repeats, long? dim = null, long? output_size = null) =>
            Native.ts_repeat_interleave(this, repeats, Optional(dim));

        public Tensor repeat_interleave(Tensor repeats, long? dim = null, long? output_size = null) =>
            Native.ts_repeat_interleave_each(this, repeats, Optional(dim));

        public Tensor squeeze(long? dim = null) => Native.ts_squeeze(this, Optional(dim));

        public Tensor squeeze_(long? dim = null)
        {
            Native.ts_squeeze_(this, Optional(dim));
            return this;
        }

        public Tensor unsqueeze(long dim) => Native.ts_unsqueeze(this, dim);

        public Tensor unsqueeze_(long dim)
        {
            Native.ts_unsqueeze_(this, dim);
            return this;
        }

        public Tensor flatten(long start_dim = 0, long end_dim = -1) => Native.ts_flatten(this, start_dim, end_dim);

        public Tensor unflatten(long dim, params long[] sizes) => Native.ts_unflatten(this, dim, sizes, sizes.Length);

        public Tensor flip(params long[] dims) => Native.ts_flip(this, dims, dims.Length);

        public Tensor roll(long shifts, long? dims = null) => Native.ts_roll(this, [shifts], 1, Optional(dims), dims is null ? 0 : 1);

        public Tensor roll(long[] shifts, long[] dims) => Native.ts_roll(this, shifts, shifts.Length, dims, dims.Length);

        public Tensor tril(long diagonal = 0) => Native.ts_tril(this, diagonal);

        public Tensor triu(long diagonal = 0) => Native.ts_triu(this, diagonal);

        public Tensor diag(long diagonal = 0) => Native.ts_diag(this, diagonal);

        public Tensor diagonal(long offset = 0, long dim1 = 0, long dim2 = 0) => Native.ts_diagonal(this, offset, dim1, dim2);

        /// <summary>All windows of <paramref name="size"/> along a dimension, as a new last dimension.</summary>
        public Tensor unfold(long dimension, long size, long step) => Native.ts_tensor_unfold(this, dimension, size, step);

        public Tensor[] split(long size, int dim = 0) => Take(Native.ts_split(this, size, dim, out var tensors), tensors);

        public Tensor[] split(long[] sizes, long dim = 0) => Take(Native.ts_split_sizes(this, sizes, sizes.Length, dim, out var tensors), tensors);

        public Tensor[] chunk(long chunks, long dim = 0) => Take(Native.ts_chunk(this, chunks, dim, out var tensors), tensors);

        public Tensor[] unbind(long dimension = 0) => Take(Native.ts_unbind(this, dimension, out var tensors), tensors);

        /// <summary>No element for null: an optional argument of a native function.</summary>
        private static ReadOnlySpan<long> Optional(long? value) => value is { } present ? new long[] { present } : default;

        /// <summary>Takes over a native list of tensors; a negative count is an error.</summary>
        internal static unsafe Tensor[] Take(long count, nint handles)
        {
            if (count < 0) Native.ThrowError();
            var tensors = new Tensor[count];
            for (var i = 0; i < tensors.Length; i++)
            {
                var handle = ((nint*)handles)[i];
                tensors[i] = handle == 0 ? null : new Tensor(handle);
            }
            return tensors;
        }
    }
}
