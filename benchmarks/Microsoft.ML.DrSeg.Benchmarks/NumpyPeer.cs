using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Microsoft.ML.DrSeg.Benchmarks;

/// <summary>
/// A Python process that has loaded the same data and does the same work with numpy whenever it is asked to, so that it is
/// measured in the same run. <c>DRSEG_PYTHON</c> names the Python that has numpy, if it is not <c>python3</c>.
/// </summary>
internal sealed class NumpyPeer : IDisposable
{
    private readonly Process _process;
    private readonly string _data = Path.GetTempFileName();

    /// <param name="script">The program in <c>benchmarks/peers</c>.</param>
    /// <param name="task">What it is to do.</param>
    /// <param name="number">Its number.</param>
    /// <param name="parts">The contents of its file.</param>
    public NumpyPeer(string script, string task, int number, params byte[][] parts)
    {
        using (var file = File.Create(_data))
            foreach (var part in parts)
                file.Write(part);
        _process = Process.Start(new ProcessStartInfo(
            Environment.GetEnvironmentVariable("DRSEG_PYTHON") ?? "python3", [PeerScript.Find(script), task, _data, number.ToString(CultureInfo.InvariantCulture)])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        Read();
    }

    /// <summary>Has it do its work once, and gives the figures it found.</summary>
    public double[] Run()
    {
        _process.StandardInput.WriteLine();
        return [.. Read().Split(' ').Select(text => double.Parse(text, CultureInfo.InvariantCulture))];
    }

    /// <summary>The bytes of numbers.</summary>
    public static byte[] Bytes(double[] numbers) => MemoryMarshal.AsBytes(numbers.AsSpan()).ToArray();

    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
        File.Delete(_data);
    }

    private string Read() => _process.StandardOutput.ReadLine()
        ?? throw new InvalidOperationException("The Python process has ended; its message stands above. Install numpy (Debian: python3-numpy), or name a Python that has it in DRSEG_PYTHON.");
}
