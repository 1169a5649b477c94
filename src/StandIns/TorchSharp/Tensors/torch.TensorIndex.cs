namespace TorchSharp;

public static partial class torch
{
    /// <summary>One entry of an index expression: a number, a slice, a mask, positions, or a change of dimensions.</summary>
    public struct TensorIndex
    {
        private NativeIndex _entry;
        private Tensor _tensor;

        /// <summary>A new dimension of size 1.</summary>
        public static TensorIndex None = Of(NativeIndex.Kinds.None);

        /// <summary>The same as <see cref="None"/>.</summary>
        public static TensorIndex Null = None;

        /// <summary>As many whole dimensions as the other entries leave.</summary>
        public static TensorIndex Ellipsis = Of(NativeIndex.Kinds.Ellipsis);

        /// <summary>A whole dimension.</summary>
        public static TensorIndex Colon = Slice();

        public static TensorIndex Bool(bool value) => Of(NativeIndex.Kinds.Boolean, value ? 1 : 0);

        public static TensorIndex Single(long? index) => index is { } number ? Of(NativeIndex.Kinds.Integer, number) : None;

        /// <summary>A mask (element type Bool) or positions.</summary>
        public static TensorIndex Tensor(Tensor tensor) => new() { _entry = { Kind = NativeIndex.Kinds.Tensors }, _tensor = tensor };

        public static TensorIndex Slice(long? start = null, long? stop = null, long? step = null) =>
            Of(NativeIndex.Kinds.Slice, start ?? NativeIndex.NotGiven, stop ?? NativeIndex.NotGiven, step ?? NativeIndex.NotGiven);

        public static TensorIndex Slice(Range range) => Slice(
            range.Start.IsFromEnd ? -range.Start.Value : range.Start.Value,
            !range.End.IsFromEnd ? range.End.Value : range.End.Value == 0 ? null : -range.End.Value);

        public static implicit operator TensorIndex(long value) => Single(value);

        public static implicit operator TensorIndex(Index index) => Single(index.IsFromEnd ? -index.Value : index.Value);

        public static implicit operator TensorIndex(Range range) => Slice(range);

        internal readonly NativeIndex ToNative()
        {
            var entry = _entry;
            if (entry.Kind == NativeIndex.Kinds.Tensors) entry.Tensor = _tensor.Handle;
            return entry;
        }

        private static TensorIndex Of(NativeIndex.Kinds kind, long start = 0, long stop = 0, long step = 0) =>
            new() { _entry = { Kind = kind, Start = start, Stop = stop, Step = step } };
    }
}
