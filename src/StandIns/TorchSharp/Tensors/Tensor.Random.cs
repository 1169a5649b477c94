namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public Tensor multinomial(long num_samples, bool replacement = false, Generator generator = null) =>
            Native.ts_multinomial(this, num_samples, replacement, generator);

        public Tensor bernoulli(Generator generator = null) => Native.ts_bernoulli(this, generator);

        public Tensor bernoulli_(double p = 0.5, Generator generator = null)
        {
            Native.ts_bernoulli_(this, p, generator);
            return this;
        }

        public Tensor normal_(double mean = 0, double std = 1, Generator generator = null)
        {
            Native.ts_normal_(this, mean, std, generator);
            return this;
        }

        public Tensor uniform_(double from, double to, Generator generator = null)
        {
            Native.ts_uniform_(this, from, to, generator);
            return this;
        }

        public Tensor exponential_(double lambda = 1, Generator generator = null)
        {
            Native.ts_exponential_(this, lambda, generator);
            return this;
        }
    }
}
