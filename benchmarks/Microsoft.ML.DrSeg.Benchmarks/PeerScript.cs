namespace Microsoft.ML.DrSeg.Benchmarks;

/// <summary>The programs in <c>benchmarks/peers</c>, wherever below the checkout the benchmarks run.</summary>
internal static class PeerScript
{
    /// <exception cref="FileNotFoundException">There is none of that name.</exception>
    public static string Find(string name)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var script = Path.Combine(folder.FullName, "benchmarks", "peers", name);
            if (File.Exists(script))
                return script;
        }
        throw new FileNotFoundException($"benchmarks/peers/{name} stands in no folder above '{AppContext.BaseDirectory}'; run from a checkout.");
    }
}
