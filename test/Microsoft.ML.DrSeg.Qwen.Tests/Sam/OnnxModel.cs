using System.Runtime.InteropServices;
using System.Text;

namespace Microsoft.ML.DrSeg.Qwen.Tests;

/// <summary>
/// Writes small ONNX models: just enough of the protocol buffers of https://github.com/onnx/onnx, onnx/onnx.proto. The numbers are
/// those of its fields.
/// </summary>
internal sealed class OnnxModel
{
    public const int Float = 1, Int64 = 7, Half = 10;

    // Axes of reductions are attributes up to this version, which keeps graphs short.
    private const int IrVersion = 6, OperatorSet = 11;

    private readonly Message _graph = new Message().Text(2, "graph");

    /// <summary>A size is a number, or a name for any.</summary>
    public OnnxModel Input(string name, int type, params object[] shape) => Value(11, name, type, shape);

    public OnnxModel Output(string name, int type, params object[] shape) => Value(12, name, type, shape);

    public OnnxModel Constant(string name, long[] shape, params float[] values)
    {
        var tensor = new Message();
        foreach (long size in shape) tensor.Number(1, size);
        _graph.Bytes(5, tensor.Number(2, Float).Text(8, name).Bytes(9, MemoryMarshal.AsBytes<float>(values)));
        return this;
    }

    /// <summary>An operation, with lists of whole numbers as attributes.</summary>
    public OnnxModel Node(string operation, string[] inputs, string output, params (string Name, long[] Values)[] attributes)
    {
        var node = new Message();
        foreach (string input in inputs) node.Text(1, input);
        node.Text(2, output).Text(4, operation);
        foreach ((string name, long[] values) in attributes)
        {
            Message attribute = new Message().Text(1, name);
            // keepdims and to are single numbers; all else is a list.
            bool isSingle = name is "keepdims" or "to";
            foreach (long value in values) attribute.Number(isSingle ? 3 : 8, value);
            node.Bytes(5, attribute.Number(20, isSingle ? 2 : 7));
        }
        _graph.Bytes(1, node);
        return this;
    }

    public void Save(string path) =>
        File.WriteAllBytes(path, new Message().Number(1, IrVersion).Bytes(7, _graph).Bytes(8, new Message().Text(1, "").Number(2, OperatorSet)).ToArray());

    private OnnxModel Value(int field, string name, int type, object[] shape)
    {
        var sizes = new Message();
        foreach (object size in shape)
            sizes.Bytes(1, size is string any ? new Message().Text(2, any) : new Message().Number(1, (int)size));
        Message tensor = new Message().Number(1, type).Bytes(2, sizes);
        _graph.Bytes(field, new Message().Text(1, name).Bytes(2, new Message().Bytes(1, tensor)));
        return this;
    }

    private sealed class Message
    {
        private readonly List<byte> _bytes = [];

        public byte[] ToArray() => [.. _bytes];

        public Message Number(int field, long value)
        {
            Varint((ulong)field << 3);
            Varint((ulong)value);
            return this;
        }

        public Message Text(int field, string text) => Bytes(field, Encoding.UTF8.GetBytes(text));

        public Message Bytes(int field, Message message) => Bytes(field, message.ToArray());

        public Message Bytes(int field, ReadOnlySpan<byte> bytes)
        {
            Varint((ulong)field << 3 | 2);
            Varint((ulong)bytes.Length);
            _bytes.AddRange(bytes);
            return this;
        }

        private void Varint(ulong value)
        {
            for (; value >= 0x80; value >>= 7) _bytes.Add((byte)(value | 0x80));
            _bytes.Add((byte)value);
        }
    }
}
