using System.Buffers.Binary;
using System.Globalization;
using System.IO.Hashing;
using System.Numerics;
using Google.Protobuf;
using Tensorboard;

namespace Microsoft.ML.DrSeg.Training;

/// <summary>
/// TensorBoard's event files: records of length, masked CRC-32C of the length, data, masked CRC-32C of the data (TFRecord),
/// where data is the protocol buffer <see cref="Event"/>.
/// </summary>
internal sealed class TensorBoardWriter : IDisposable
{
    private readonly FileStream _stream;

    /// <summary>Begins a new event file; TensorBoard reads all files of a folder as one.</summary>
    /// <param name="step">Steps done: what earlier files say of later ones is to be forgotten.</param>
    public TensorBoardWriter(string folder, int step)
    {
        // The seconds order the files; two runs within one second get two numbers.
        long seconds = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        while (Directory.EnumerateFiles(folder, string.Create(CultureInfo.InvariantCulture, $"*.tfevents.{seconds}.*")).Any()) seconds++;
        _stream = new FileStream(Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"events.out.tfevents.{seconds}.drseg")), FileMode.CreateNew, FileAccess.Write, FileShare.Read);
        Write(new Event { FileVersion = "brain.Event:2" });
        Write(new Event { Step = step + 1, SessionLog = new SessionLog { Status = SessionLog.Types.SessionStatus.Start } });
    }

    public void Write(int step, IEnumerable<(string Tag, double Value)> figures)
    {
        var summary = new Summary();
        summary.Value.AddRange(figures.Select(figure => new Summary.Types.Value { Tag = figure.Tag, SimpleValue = (float)figure.Value }));
        Write(new Event { Step = step, Summary = summary });
    }

    public void Dispose() => _stream.Dispose();

    private void Write(Event entry)
    {
        entry.WallTime = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() / 1000.0;
        byte[] data = entry.ToByteArray();
        Span<byte> length = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, data.Length);
        _stream.Write(length);
        WriteChecksum(length);
        _stream.Write(data);
        WriteChecksum(data);
        _stream.Flush();
    }

    private void WriteChecksum(ReadOnlySpan<byte> bytes)
    {
        uint checksum = Crc32.HashToUInt32(Crc32ParameterSet.Crc32C, bytes);
        Span<byte> masked = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(masked, BitOperations.RotateRight(checksum, 15) + 0xA282EAD8);
        _stream.Write(masked);
    }
}
