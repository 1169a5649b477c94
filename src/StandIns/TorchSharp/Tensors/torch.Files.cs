namespace TorchSharp;

public static partial class torch
{
    /// <summary>Reads a tensor in libtorch's own format.</summary>
    public static Tensor load(string location) => Native.ts_load(location);

    public static void save(Tensor t, string location) => Native.ts_save(t, location);
}
