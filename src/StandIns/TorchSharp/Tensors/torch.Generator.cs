using System.Runtime.InteropServices.Marshalling;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>A source of random numbers with a state of its own.</summary>
    [NativeMarshalling(typeof(GeneratorMarshaller))]
    public class Generator : IDisposable
    {
        private nint _handle;

        public Generator(ulong seed = 0, Device device = null)
            : this(Native.ts_generator(seed, (int)(device?.type ?? DeviceType.CPU), device?.index ?? -1), device ?? CPU)
        {
        }

        private Generator(nint handle, Device device)
        {
            if (handle == 0) Native.ThrowError();
            (_handle, this.device) = (handle, device);
        }

        ~Generator() => Dispose(false);

        /// <summary>The generator that is used where none is given, on the CPU.</summary>
        public static Generator Default => new(Native.ts_default_generator((int)DeviceType.CPU, -1), CPU);

        public IntPtr Handle => _handle != 0 ? _handle : throw new InvalidOperationException("The generator has been disposed.");

        public Device device { get; }

        public Tensor get_state() => Native.ts_generator_state(this);

        public void set_state(Tensor value) => Native.ts_generator_set_state(this, value);

        public Generator manual_seed(long seed)
        {
            Native.ts_generator_set_seed(this, (ulong)seed);
            return this;
        }

        /// <summary>Seeds from the system's entropy and tells the seed.</summary>
        public unsafe long seed()
        {
            ulong seed;
            Native.ts_generator_new_seed(this, &seed);
            return (long)seed;
        }

        public unsafe long initial_seed()
        {
            ulong seed;
            Native.ts_generator_seed(this, &seed);
            return (long)seed;
        }

        public void Dispose()
        {
            Dispose(true);
            GC.SuppressFinalize(this);
        }

        protected virtual void Dispose(bool disposing)
        {
            if (_handle == 0) return;
            Native.ts_generator_dispose(_handle);
            _handle = 0;
        }
    }

    /// <summary>Seeds the default generators of all devices.</summary>
    public static Generator manual_seed(long seed) => random.manual_seed(seed);

    public static class random
    {
        public static Generator manual_seed(long seed)
        {
            Native.ts_manual_seed((ulong)seed);
            return Generator.Default;
        }

        public static long seed() => Generator.Default.seed();

        public static long initial_seed() => Generator.Default.initial_seed();

        public static Tensor get_rng_state() => Generator.Default.get_state();

        public static void set_rng_state(Tensor new_state) => Generator.Default.set_state(new_state);
    }
}
