namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        [System.Runtime.CompilerServices.IndexerName("TensorItems")]
        public Tensor this[params TensorIndex[] indices]
        {
            get => index(indices);
            set => index_put_(value, indices);
        }

        [System.Runtime.CompilerServices.IndexerName("TensorItems")]
        public Tensor this[params Tensor[] indices]
        {
            get => index(indices);
            set => index_put_(value, indices);
        }

        [System.Runtime.CompilerServices.IndexerName("TensorItems")]
        public Tensor this[params long[] indices]
        {
            get => index(Entries(indices));
            set => index_put_(value, Entries(indices));
        }

        [System.Runtime.CompilerServices.IndexerName("TensorItems")]
        public Tensor this[long i1]
        {
            get => select(0, i1);
            set => index_put_(value, i1);
        }

        [System.Runtime.CompilerServices.IndexerName("TensorItems")]
        public Tensor this[long i1, long i2]
        {
            get => index(i1, i2);
            set => index_put_(value, i1, i2);
        }

        [System.Runtime.CompilerServices.IndexerName("TensorItems")]
        public Tensor this[long i1, long i2, long i3]
        {
            get => index(i1, i2, i3);
            set => index_put_(value, i1, i2, i3);
        }

        [System.Runtime.CompilerServices.IndexerName("TensorItems")]
        public Tensor this[long i1, long i2, long i3, long i4]
        {
            get => index(i1, i2, i3, i4);
            set => index_put_(value, i1, i2, i3, i4);
        }

        public unsafe Tensor index(params TensorIndex[] indices)
        {
            var entries = NativeIndex.From(indices);
            fixed (NativeIndex* first = entries)
            {
                var result = Native.ts_index(this, first, entries.Length);
                GC.KeepAlive(indices);
                return result;
            }
        }

        public Tensor index(params Tensor[] indices) => index(Entries(indices));

        public unsafe Tensor index_put_(Tensor value, params TensorIndex[] indices)
        {
            var entries = NativeIndex.From(indices);
            fixed (NativeIndex* first = entries) Native.ts_index_put_(this, first, entries.Length, value);
            GC.KeepAlive(indices);
            return this;
        }

        public Tensor index_put_(Tensor value, params Tensor[] indices) => index_put_(value, Entries(indices));

        public unsafe Tensor index_put_(Scalar value, params TensorIndex[] indices)
        {
            var entries = NativeIndex.From(indices);
            fixed (NativeIndex* first = entries) Native.ts_index_put_scalar_(this, first, entries.Length, value);
            GC.KeepAlive(indices);
            return this;
        }

        private static TensorIndex[] Entries(Tensor[] indices) => Array.ConvertAll(indices, TensorIndex.Tensor);

        private static TensorIndex[] Entries(long[] indices) => Array.ConvertAll(indices, index => TensorIndex.Single(index));

        public Tensor select(long dim, long index) => Native.ts_select(this, dim, index);

        public Tensor slice(long dim, long start, long finish, long step) => Native.ts_slice(this, dim, start, finish, step);

        public Tensor narrow(long dim, long start, long length) => Native.ts_narrow(this, dim, start, length);

        public Tensor index_select(long dim, Tensor index) => Native.ts_index_select(this, dim, index);

        public Tensor index_add(long dim, Tensor index, Tensor source, Scalar alpha) => Native.ts_index_add(this, dim, index, source, alpha);

        public Tensor index_add_(long dim, Tensor index, Tensor source, Scalar alpha)
        {
            Native.ts_index_add_(this, dim, index, source, alpha);
            return this;
        }

        public Tensor index_copy_(long dim, Tensor index, Tensor source)
        {
            Native.ts_index_copy_(this, dim, index, source);
            return this;
        }

        public Tensor gather(long dim, Tensor index) => Native.ts_gather(this, dim, index);

        public Tensor scatter(long dim, Tensor index, Tensor src) => Native.ts_scatter(this, dim, index, src);

        public Tensor scatter_(long dim, Tensor index, Tensor src)
        {
            Native.ts_scatter_(this, dim, index, src);
            return this;
        }

        public Tensor scatter_add(long dim, Tensor index, Tensor src) => Native.ts_scatter_add(this, dim, index, src);

        public Tensor scatter_add_(long dim, Tensor index, Tensor src)
        {
            Native.ts_scatter_add_(this, dim, index, src);
            return this;
        }

        public Tensor masked_fill(Tensor mask, Scalar value) => Native.ts_masked_fill(this, mask, value);

        public Tensor masked_fill_(Tensor mask, Scalar value)
        {
            Native.ts_masked_fill_(this, mask, value);
            return this;
        }

        public Tensor masked_select(Tensor mask) => Native.ts_masked_select(this, mask);

        /// <summary>The positions of the elements that are not zero, one a row.</summary>
        public Tensor nonzero() => Native.ts_nonzero(this);

        /// <summary>This tensor's elements where <paramref name="condition"/> holds, else those of <paramref name="y"/>.</summary>
        public Tensor where(Tensor condition, Tensor y) => Native.ts_where(condition, this, y);
    }
}
