using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace Microsoft.ML.DrSeg.Tool;

/// <summary>How much memory a GPU has. libtorch knows, but TorchSharp does not ask it; the driver's own program does.</summary>
internal static class GpuMemory
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Bytes of a GPU of this machine; null where there is none, or no driver to ask.</summary>
    /// <param name="gpu">Its number as the driver counts, from 0.</param>
    public static double? Of(int gpu)
    {
        try
        {
            using Process asked = Process.Start(new ProcessStartInfo("nvidia-smi", ["--query-gpu=memory.total", "--format=csv,noheader,nounits", $"--id={gpu}"])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            Task<string> said = asked.StandardOutput.ReadToEndAsync();
            if (!asked.WaitForExit(Patience))
            {
                asked.Kill();
                return null;
            }
            return asked.ExitCode == 0 ? Parse(said.Result) : null;
        }
        catch (Win32Exception)
        {
            return null;
        }
    }

    /// <summary>Bytes, of the MiB that the driver's program prints.</summary>
    internal static double? Parse(string mebibytes) => double.TryParse(mebibytes, NumberStyles.Number, CultureInfo.InvariantCulture, out double number) ? number * (1 << 20) : null;
}
