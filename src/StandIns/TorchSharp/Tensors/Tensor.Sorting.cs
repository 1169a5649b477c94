namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public (Tensor values, Tensor indexes) topk(int k, int dim = -1, bool largest = true, bool sorted = true) =>
            Pair(Native.ts_topk(this, k, dim, largest, sorted, out var indices), indices);

        public (Tensor Values, Tensor Indices) sort(long dim = -1, bool descending = false, bool stable = false) =>
            Pair(Native.ts_sort(this, dim, descending, stable, out var indices), indices);

        public Tensor argsort(long dim = -1, bool descending = false) => Native.ts_argsort(this, dim, descending);

        /// <summary>How many elements lie in each of <paramref name="bins"/> equal bins from <paramref name="min"/> to <paramref name="max"/>.</summary>
        public Tensor histc(long bins = 100, long min = 0, long max = 0) => Native.ts_histc(this, bins, min, max);

        private static (Tensor, Tensor) Pair(Tensor first, nint second) => (first, new Tensor(second));
    }
}
