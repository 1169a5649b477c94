using System.Buffers.Binary;
using System.Text;

namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>
/// Reads a pickle, the program by which Python writes down objects, as data alone: numbers, texts, lists, tuples and dictionaries.
/// Whatever would make another object goes to an <see cref="IPickledObjects"/>, which knows the few that it wants; nothing is
/// ever imported, called or executed. What pickles use that hold no tensors is refused. A pickle of protocol 2, as torch.save
/// writes, up to 5. Operations: https://github.com/python/cpython/blob/main/Lib/pickletools.py.
/// </summary>
internal sealed class Pickle
{
    // A pickle of ten thousand tensors has some hundred thousand of each.
    private const int MostValues = 1 << 20, MostMarks = 1000, HighestProtocol = 5;

    private readonly byte[] _bytes;
    private readonly IPickledObjects _objects;
    private readonly List<object?> _stack = [];
    private readonly List<int> _marks = [];
    private readonly Dictionary<uint, object?> _memo = [];
    private int _at;

    private Pickle(byte[] bytes, IPickledObjects objects) => (_bytes, _objects) = (bytes, objects);

    /// <summary>Reads the one value that a pickle holds.</summary>
    /// <returns>
    /// null, bool, long, double, string, <c>object?[]</c> for a tuple, <c>List</c>, <c>Dictionary</c> by text or long, or what
    /// <paramref name="objects"/> made.
    /// </returns>
    /// <exception cref="InvalidDataException">It is cut short, damaged, or does something that this reader refuses.</exception>
    public static object? Read(byte[] bytes, IPickledObjects objects) => new Pickle(bytes, objects).Run();

    private object? Run()
    {
        while (true)
        {
            byte operation = Take(1)[0];
            if (operation == (byte)'.')
                return Pop();
            Do(operation);
            if (_stack.Count > MostValues || _memo.Count > MostValues)
                throw new InvalidDataException($"Its pickle holds more than {MostValues:N0} values at once, which no checkpoint does.");
        }
    }

    private void Do(byte operation)
    {
        switch (operation)
        {
            case 0x80: RequireProtocol(Take(1)[0]); break;
            case 0x95: Take(8); break; // where a frame ends: for those who read in pieces
            case (byte)'N': _stack.Add(null); break;
            case 0x88: _stack.Add(true); break;
            case 0x89: _stack.Add(false); break;
            case (byte)'K': _stack.Add((long)Take(1)[0]); break;
            case (byte)'M': _stack.Add((long)BinaryPrimitives.ReadUInt16LittleEndian(Take(2))); break;
            case (byte)'J': _stack.Add((long)BinaryPrimitives.ReadInt32LittleEndian(Take(4))); break;
            case 0x8a: _stack.Add(LongNumber(Take(Take(1)[0]))); break;
            case (byte)'G': _stack.Add(BinaryPrimitives.ReadDoubleBigEndian(Take(8))); break;
            case (byte)'X': _stack.Add(Text(Take(Length(Take(4))))); break;
            case 0x8c: _stack.Add(Text(Take(Take(1)[0]))); break;
            case (byte)'(': Mark(); break;
            case (byte)')': _stack.Add(Array.Empty<object?>()); break;
            case (byte)'t': _stack.Add(PopToMark()); break;
            case >= 0x85 and <= 0x87: _stack.Add(Pop(operation - 0x84)); break;
            case (byte)']': _stack.Add(new List<object?>()); break;
            case (byte)'a': Append(Pop(1)); break;
            case (byte)'e': Append(PopToMark()); break;
            case (byte)'}': _stack.Add(new Dictionary<object, object?>()); break;
            case (byte)'s': SetItems(Pop(2)); break;
            case (byte)'u': SetItems(PopToMark()); break;
            case (byte)'q': _memo[Take(1)[0]] = Top(); break;
            case (byte)'r': _memo[BinaryPrimitives.ReadUInt32LittleEndian(Take(4))] = Top(); break;
            case 0x94: _memo[(uint)_memo.Count] = Top(); break;
            case (byte)'h': _stack.Add(Remembered(Take(1)[0])); break;
            case (byte)'j': _stack.Add(Remembered(BinaryPrimitives.ReadUInt32LittleEndian(Take(4)))); break;
            case (byte)'c': _stack.Add(_objects.Global(Line(), Line())); break;
            case 0x93: _stack.Add(StackGlobal(Pop(2))); break;
            case (byte)'R': _stack.Add(Call(Pop(2))); break;
            case (byte)'Q': _stack.Add(_objects.Persistent(Pop())); break;
            case (byte)'b': SetAttributes(Pop()); break;
            case (byte)'i': throw Refused(operation, $"makes an object of '{Line()}.{Line()}'");
            default: throw Refused(operation, "is none that a dictionary of tensors needs");
        }
    }

    private static void RequireProtocol(byte protocol)
    {
        if (protocol > HighestProtocol)
            throw new InvalidDataException($"Its pickle is of protocol {protocol}; known are those up to {HighestProtocol}.");
    }

    private void Mark()
    {
        if (_marks.Count == MostMarks)
            throw new InvalidDataException($"Its pickle is nested more than {MostMarks:N0} deep.");
        _marks.Add(_stack.Count);
    }

    private static void RequireKey(object? key)
    {
        if (key is not (string or long))
            throw new InvalidDataException("Its pickle has a dictionary whose keys are neither texts nor whole numbers.");
    }

    private void SetItems(object?[] pairs)
    {
        if (Top() is not Dictionary<object, object?> items || pairs.Length % 2 != 0)
            throw new InvalidDataException("Its pickle sets items of something that is no dictionary.");
        for (int i = 0; i < pairs.Length; i += 2)
        {
            RequireKey(pairs[i]);
            items[pairs[i]!] = pairs[i + 1];
        }
    }

    private void Append(object?[] values)
    {
        if (Top() is not List<object?> list)
            throw new InvalidDataException("Its pickle appends to something that is no list.");
        list.AddRange(values);
    }

    // An OrderedDict of a module's tensors carries the versions of its layers as an attribute; nothing here reads them.
    private void SetAttributes(object? state)
    {
        if (Top() is not Dictionary<object, object?> || state is not Dictionary<object, object?>)
            throw new InvalidDataException("Its pickle sets attributes of something that is no dictionary.");
    }

    private object StackGlobal(object?[] names) => names is [string module, string name]
        ? _objects.Global(module, name)
        : throw new InvalidDataException("Its pickle names an object by something that is no text.");

    private object? Call(object?[] call) => call is [{ } callee, object?[] arguments]
        ? _objects.Call(callee, arguments)
        : throw new InvalidDataException("Its pickle calls something without a list of arguments.");

    private object? Top() => _stack.Count > (_marks.Count > 0 ? _marks[^1] : 0) ? _stack[^1] : throw Missing();

    private object? Pop() => Pop(1)[0];

    private object?[] Pop(int count)
    {
        int from = _stack.Count - count;
        if (from < (_marks.Count > 0 ? _marks[^1] : 0))
            throw Missing();
        return From(from);
    }

    private object?[] PopToMark()
    {
        if (_marks.Count == 0)
            throw Missing();
        int from = _marks[^1];
        _marks.RemoveAt(_marks.Count - 1);
        return From(from);
    }

    private object?[] From(int from)
    {
        object?[] values = [.. _stack[from..]];
        _stack.RemoveRange(from, values.Length);
        return values;
    }

    private object? Remembered(uint place) =>
        _memo.TryGetValue(place, out object? value) ? value : throw new InvalidDataException($"Its pickle refers to value {place}, which it has not noted.");

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > _bytes.Length - _at)
            throw new InvalidDataException($"Its pickle is cut short: it ends at byte {_bytes.Length}, within a value. Fetch or write the file again.");
        _at += count;
        return _bytes.AsSpan(_at - count, count);
    }

    private string Line()
    {
        int length = _bytes.AsSpan(_at).IndexOf((byte)'\n');
        string line = Text(Take(length < 0 ? int.MaxValue : length));
        Take(1);
        return line;
    }

    // More than an int holds is more than there is: Take says so.
    private static int Length(ReadOnlySpan<byte> bytes) => (int)Math.Min(BinaryPrimitives.ReadUInt32LittleEndian(bytes), int.MaxValue);

    private static string Text(ReadOnlySpan<byte> bytes) => Encoding.UTF8.GetString(bytes);

    private static long LongNumber(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > sizeof(long))
            throw new InvalidDataException($"Its pickle holds a whole number of {bytes.Length} bytes; sizes have at most {sizeof(long)}.");
        long value = bytes.Length > 0 && bytes[^1] >= 0x80 ? -1 : 0;
        for (int i = bytes.Length - 1; i >= 0; i--)
            value = value << 8 | bytes[i];
        return value;
    }

    private InvalidDataException Refused(byte operation, string what) =>
        new($"Its pickle uses the operation 0x{operation:x2} at byte {_at}, which {what}. It is refused: a pickle can run programs, and this reader takes tensors alone.");

    private static InvalidDataException Missing() => new("Its pickle is damaged: it takes a value where there is none.");
}

/// <summary>The objects beside plain data that the pickles of a kind of file hold.</summary>
internal interface IPickledObjects
{
    /// <summary>What a name of Python stands for.</summary>
    /// <exception cref="InvalidDataException">It is none of those that such a file needs.</exception>
    object Global(string module, string name);

    /// <summary>What calling a global gives.</summary>
    /// <exception cref="InvalidDataException">The arguments are not those that it takes.</exception>
    object? Call(object callee, object?[] arguments);

    /// <summary>What an identity from outside the pickle stands for.</summary>
    /// <exception cref="InvalidDataException">It is none.</exception>
    object Persistent(object? identity);
}
