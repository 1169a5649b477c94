using System.Buffers.Binary;
using System.Globalization;
using System.IO.Hashing;
using System.Numerics;
using Google.Protobuf;

namespace Microsoft.ML.DrSeg.Training.Runs;

/// <summary>
/// TensorBoard's event files: records of length, masked CRC-32C of the length, data, masked CRC-32C of the data (TFRecord),
/// where data is the protocol buffer <c>tensorflow.Event</c>. Only what scalars need of it is written: <c>wall_time = 1</c>,
/// <c>step = 2</c>, <c>file_version = 3</c>, <c>summary = 5 { value = 1 { tag = 1, simple_value = 2 } }</c> and
/// <c>session_log = 7 { status = 1 }</c>. Formats: tensorflow/core/util/event.proto and framework/summary.proto.
/// </summary>
internal sealed class TensorBoardWriter : IDisposable
{
    private const int Start = 1;

    private readonly FileStream stream;

    /// <summary>Begins a new event file; TensorBoard reads all files of a folder as one.</summary>
    /// <param name="folder">Where.</param>
    /// <param name="step">Steps done: what earlier files say of later ones is to be forgotten.</param>
    public TensorBoardWriter(string folder, int step)
    {
        // The seconds order the files; two runs within one second get two numbers.
        long seconds = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        while (Directory.EnumerateFiles(folder, string.Create(CultureInfo.InvariantCulture, $"*.tfevents.{seconds}.*")).Any()) seconds++;
        stream = new FileStream(Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"events.out.tfevents.{seconds}.drseg")), FileMode.CreateNew, FileAccess.Write, FileShare.Read);
        WriteEvent(0, output =>
        {
            output.WriteTag(3, WireFormat.WireType.LengthDelimited);
            output.WriteString("brain.Event:2");
        });
        WriteEvent(step + 1, output =>
        {
            output.WriteTag(7, WireFormat.WireType.LengthDelimited);
            output.WriteBytes(Message(log =>
            {
                log.WriteTag(1, WireFormat.WireType.Varint);
                log.WriteEnum(Start);
            }));
        });
        stream.Flush();
    }

    /// <summary>Adds the figures of a step.</summary>
    public void Write(int step, IEnumerable<(string Tag, double Value)> figures)
    {
        WriteEvent(step, output =>
        {
            output.WriteTag(5, WireFormat.WireType.LengthDelimited);
            output.WriteBytes(Message(summary =>
            {
                foreach ((string tag, double value) in figures)
                {
                    summary.WriteTag(1, WireFormat.WireType.LengthDelimited);
                    summary.WriteBytes(Message(scalar =>
                    {
                        scalar.WriteTag(1, WireFormat.WireType.LengthDelimited);
                        scalar.WriteString(tag);
                        scalar.WriteTag(2, WireFormat.WireType.Fixed32);
                        scalar.WriteFloat((float)value);
                    }));
                }
            }));
        });
        stream.Flush();
    }

    public void Dispose() => stream.Dispose();

    private void WriteEvent(int step, Action<CodedOutputStream> content)
    {
        byte[] data = Message(output =>
        {
            output.WriteTag(1, WireFormat.WireType.Fixed64);
            output.WriteDouble(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() / 1000.0);
            output.WriteTag(2, WireFormat.WireType.Varint);
            output.WriteInt64(step);
            content(output);
        }).ToByteArray();
        Span<byte> number = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(number, data.Length);
        stream.Write(number);
        WriteChecksum(number);
        stream.Write(data);
        WriteChecksum(data);
    }

    private void WriteChecksum(ReadOnlySpan<byte> bytes)
    {
        uint crc = Crc32.HashToUInt32(Crc32ParameterSet.Crc32C, bytes);
        Span<byte> masked = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(masked, BitOperations.RotateRight(crc, 15) + 0xA282EAD8);
        stream.Write(masked);
    }

    private static ByteString Message(Action<CodedOutputStream> write)
    {
        using var bytes = new MemoryStream();
        using (var output = new CodedOutputStream(bytes, leaveOpen: true)) write(output);
        return ByteString.CopyFrom(bytes.GetBuffer(), 0, (int)bytes.Length);
    }
}
