using System.Buffers;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Microsoft.ML.DrSeg.Imaging;

/// <summary>
/// Reads a region of interleaved bytes (three or four channels) as a grid of columns x rows, one grid row at a time,
/// averaged or interpolated as <see cref="AxisWeights"/> says. Values are 0 to 1; nothing is added for places outside.
/// </summary>
internal readonly ref struct RegionSampler
{
    private readonly ReadOnlySpan<byte> _pixels;
    private readonly int _channels, _stride;
    private readonly AxisWeights _rows, _columns;
    private readonly float[] _scratch;

    public RegionSampler(ReadOnlySpan<byte> pixels, int channels, int width, int height, BoundingBox region, int columns, int rows)
    {
        _pixels = pixels;
        _channels = channels;
        _stride = channels * width;
        _rows = new(region.Y0, region.Height, rows, height);
        _columns = new(region.X0, region.Width, columns, width);
        // One value more than a row has: three channels are read as a vector of four.
        _scratch = ArrayPool<float>.Shared.Rent(channels * (_columns.End - _columns.First) + 1);
    }

    public float InsideRows(int row) => _rows.Sum(row);

    public float InsideColumns(int column) => _columns.Sum(column);

    /// <summary>Writes one grid row, a vector of channels each; the fourth value of three channels means nothing.</summary>
    public void Read(int row, Span<Vector128<float>> line)
    {
        int length = _channels * (_columns.End - _columns.First);
        Span<float> mean = _scratch.AsSpan(0, length + 1);
        mean.Clear();
        int source = _rows.Start(row) * _stride + _channels * _columns.First;
        foreach (float weight in _rows[row])
        {
            AddScaled(_pixels.Slice(source, length), weight / 255, mean);
            source += _stride;
        }
        ref float first = ref MemoryMarshal.GetReference(mean);
        for (int j = 0; j < line.Length; j++)
        {
            nuint at = (nuint)(_channels * (_columns.Start(j) - _columns.First));
            Vector128<float> sum = default;
            foreach (float weight in _columns[j])
            {
                sum += Vector128.LoadUnsafe(ref first, at) * weight;
                at += (nuint)_channels;
            }
            line[j] = sum;
        }
    }

    public void Dispose()
    {
        ArrayPool<float>.Shared.Return(_scratch);
        _rows.Dispose();
        _columns.Dispose();
    }

    public static byte[] Shrink(byte[] pixels, int channels, int width, int height, int columns, int rows)
    {
        byte[] result = new byte[channels * columns * rows];
        var line = new Vector128<float>[columns];
        using var sampler = new RegionSampler(pixels, channels, width, height, new(0, 0, width, height), columns, rows);
        int to = 0;
        for (int y = 0; y < rows; y++)
        {
            sampler.Read(y, line);
            foreach (Vector128<float> value in line)
                for (int c = 0; c < channels; c++)
                    result[to++] = (byte)Math.Clamp(value[c] * 255 + 0.5f, 0, 255);
        }
        return result;
    }

    public static void AddScaled(ReadOnlySpan<byte> source, float weight, Span<float> sum)
    {
        int k = 0;
        for (; k <= source.Length - Vector<byte>.Count; k += Vector<byte>.Count)
        {
            Vector.Widen(new Vector<byte>(source[k..]), out var low, out var high);
            AddScaled(low, weight, sum[k..]);
            AddScaled(high, weight, sum[(k + Vector<ushort>.Count)..]);
        }
        for (; k < source.Length; k++)
            sum[k] += weight * source[k];
    }

    private static void AddScaled(Vector<ushort> source, float weight, Span<float> sum)
    {
        Vector.Widen(source, out var low, out var high);
        (new Vector<float>(sum) + weight * Vector.ConvertToSingle(Vector.AsVectorInt32(low))).CopyTo(sum);
        Span<float> rest = sum[Vector<float>.Count..];
        (new Vector<float>(rest) + weight * Vector.ConvertToSingle(Vector.AsVectorInt32(high))).CopyTo(rest);
    }
}
