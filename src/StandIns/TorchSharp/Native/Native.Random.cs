using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace TorchSharp;

internal static unsafe partial class Native
{
    [LibraryImport(Library)] internal static partial Tensor ts_rand(ReadOnlySpan<long> s, long n, Generator g, int type, int device, int index);
    [LibraryImport(Library)] internal static partial Tensor ts_randn(ReadOnlySpan<long> s, long n, Generator g, int type, int device, int index);
    [LibraryImport(Library)] internal static partial Tensor ts_randint(long low, long high, ReadOnlySpan<long> s, long n, Generator g, int type, int device, int index);
    [LibraryImport(Library)] internal static partial Tensor ts_randperm(long count, Generator g, int type, int device, int index);
    [LibraryImport(Library)] internal static partial Tensor ts_multinomial(Tensor t, long count, Flag replacement, Generator g);
    [LibraryImport(Library)] internal static partial Tensor ts_bernoulli(Tensor t, Generator g);
    [LibraryImport(Library)] internal static partial Outcome ts_bernoulli_(Tensor t, double p, Generator g);
    [LibraryImport(Library)] internal static partial Outcome ts_normal_(Tensor t, double mean, double std, Generator g);
    [LibraryImport(Library)] internal static partial Outcome ts_uniform_(Tensor t, double from, double to, Generator g);
    [LibraryImport(Library)] internal static partial Outcome ts_exponential_(Tensor t, double lambda, Generator g);
    [LibraryImport(Library)] internal static partial Outcome ts_manual_seed(ulong seed);
    [LibraryImport(Library)] internal static partial nint ts_default_generator(int device, int index);
    [LibraryImport(Library)] internal static partial nint ts_generator(ulong seed, int device, int index);
    [LibraryImport(Library)] internal static partial void ts_generator_dispose(nint g);
    [LibraryImport(Library)] internal static partial Outcome ts_generator_set_seed(Generator g, ulong seed);
    [LibraryImport(Library)] internal static partial Outcome ts_generator_new_seed(Generator g, ulong* @out);
    [LibraryImport(Library)] internal static partial Outcome ts_generator_seed(Generator g, ulong* @out);
    [LibraryImport(Library)] internal static partial Tensor ts_generator_state(Generator g);
    [LibraryImport(Library)] internal static partial Outcome ts_generator_set_state(Generator g, Tensor state);
}
