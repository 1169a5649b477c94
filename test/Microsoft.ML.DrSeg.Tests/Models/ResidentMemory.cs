using System.Globalization;

namespace Microsoft.ML.DrSeg.Tests.Models;

/// <summary>What the process holds in memory, native memory included; read from Linux's /proc.</summary>
internal static class ResidentMemory
{
    /// <summary>Bytes after everything that can be collected is.</summary>
    public static long Bytes()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        const string Field = "VmRSS:";
        string line = File.ReadLines("/proc/self/status").Single(line => line.StartsWith(Field, StringComparison.Ordinal));
        return 1024 * long.Parse(line[Field.Length..^2].Trim(), CultureInfo.InvariantCulture);
    }
}
