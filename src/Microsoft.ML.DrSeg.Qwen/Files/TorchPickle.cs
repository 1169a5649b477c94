using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>Numbers of one type that lie in a file of their own inside a checkpoint; tensors are views of them.</summary>
/// <param name="Key">The name of that file.</param>
/// <param name="Type">Type of the numbers.</param>
/// <param name="Length">How many.</param>
internal sealed record PickledStorage(string Key, ScalarType Type, long Length);

/// <summary>Which numbers of a storage are a tensor.</summary>
/// <param name="Storage">Where they lie.</param>
/// <param name="Offset">Place of the first number.</param>
/// <param name="Shape">Sizes.</param>
/// <param name="Strides">Numbers from one place to the next along each axis.</param>
internal sealed record PickledTensor(PickledStorage Storage, long Offset, long[] Shape, long[] Strides)
{
    public long Count { get; } = Shape.Aggregate(1L, (product, size) => checked(product * size));
}

/// <summary>
/// The pickle of a checkpoint that torch.save wrote: a dictionary of tensors by name, or one under "model". It builds tensors and
/// dictionaries; every other name of Python is refused. Form: https://github.com/pytorch/pytorch/blob/main/torch/_utils.py
/// (_rebuild_tensor_v2, _rebuild_parameter) and torch/serialization.py (persistent_id).
/// </summary>
internal sealed class TorchPickle : IPickledObjects
{
    private const int MostAxes = 8;
    private const string Model = "model";

    private static readonly Dictionary<string, ScalarType> StorageTypes = new()
    {
        ["FloatStorage"] = ScalarType.Float32,
        ["HalfStorage"] = ScalarType.Float16,
        ["BFloat16Storage"] = ScalarType.BFloat16,
        ["DoubleStorage"] = ScalarType.Float64,
        ["LongStorage"] = ScalarType.Int64,
        ["IntStorage"] = ScalarType.Int32,
        ["ShortStorage"] = ScalarType.Int16,
        ["CharStorage"] = ScalarType.Int8,
        ["ByteStorage"] = ScalarType.Byte,
        ["BoolStorage"] = ScalarType.Bool,
    };

    private readonly Dictionary<string, (PickledStorage Storage, long Free)> _storages = [];

    private enum Function
    {
        OrderedDictionary,
        Tensor,
        Parameter,
    }

    /// <summary>Reads where the tensors lie.</summary>
    /// <exception cref="InvalidDataException">It is damaged, asks for something else than tensors, or gives the same numbers to several.</exception>
    public static Dictionary<string, PickledTensor> Read(byte[] pickle)
    {
        if (Pickle.Read(pickle, new TorchPickle()) is not Dictionary<object, object?> all)
            throw new InvalidDataException("It holds no dictionary of tensors.");
        var named = all.GetValueOrDefault(Model) as Dictionary<object, object?> ?? all;
        var tensors = new Dictionary<string, PickledTensor>();
        foreach ((object name, object? value) in named)
            tensors.Add(name.ToString()!, value as PickledTensor
                ?? throw new InvalidDataException($"Its entry '{name}' is no tensor; expected a dictionary of tensors by name, by itself or under '{Model}'."));
        return tensors;
    }

    public object Global(string module, string name) => (module, name) switch
    {
        ("collections", "OrderedDict") => Function.OrderedDictionary,
        ("torch._utils", "_rebuild_tensor_v2") => Function.Tensor,
        ("torch._utils", "_rebuild_parameter") => Function.Parameter,
        ("torch", _) when StorageTypes.TryGetValue(name, out ScalarType type) => type,
        _ => throw new InvalidDataException(
            $"It asks for '{module}.{name}', which is refused: this reader builds tensors and nothing else. If you trust the file, load it in Python and save its tensors as safetensors."),
    };

    public object? Call(object callee, object?[] arguments) => (callee, arguments) switch
    {
        (Function.OrderedDictionary, []) => new Dictionary<object, object?>(),
        (Function.Parameter, [PickledTensor tensor, ..]) => tensor,
        (Function.Tensor, [PickledStorage storage, long offset, object?[] shape, object?[] strides, ..]) => Tensor(storage, offset, shape, strides),
        _ => throw new InvalidDataException($"Its pickle makes a {callee} of arguments that do not fit."),
    };

    public object Persistent(object? identity)
    {
        if (identity is not object?[] parts || parts is not ["storage", ScalarType type, string key, string, long length] || length < 0)
            throw new InvalidDataException("Its pickle refers to something outside itself that is no storage of numbers.");
        var storage = new PickledStorage(key, type, length);
        if (!_storages.TryGetValue(key, out (PickledStorage Storage, long) known))
            _storages.Add(key, known = (storage, length));
        return known.Storage == storage
            ? known.Storage
            : throw new InvalidDataException($"It gives the storage '{key}' two types or lengths.");
    }

    private PickledTensor Tensor(PickledStorage storage, long offset, object?[] shape, object?[] strides)
    {
        if (shape.Length > MostAxes || strides.Length != shape.Length || offset < 0
            || shape.Concat(strides).Any(number => number is not (long and >= 0)))
            throw new InvalidDataException($"Its pickle makes a tensor of the storage '{storage.Key}' with sizes that are none.");
        try
        {
            var tensor = new PickledTensor(storage, offset, [.. shape.Cast<long>()], [.. strides.Cast<long>()]);
            long end = tensor.Count == 0 ? offset : tensor.Shape.Zip(tensor.Strides).Aggregate(checked(offset + 1), (sum, axis) => checked(sum + (axis.First - 1) * axis.Second));
            // A few numbers that are a thousand tensors, or one with a stride of 0, would fill the memory.
            long free = _storages[storage.Key].Free - tensor.Count;
            if (end > storage.Length || free < 0)
                throw new InvalidDataException($"It makes a tensor [{string.Join(", ", tensor.Shape)}] of the storage '{storage.Key}', which has {storage.Length:N0} numbers, {_storages[storage.Key].Free:N0} of them not yet taken by other tensors.");
            _storages[storage.Key] = (storage, free);
            return tensor;
        }
        catch (OverflowException error)
        {
            throw new InvalidDataException($"Its pickle makes a tensor of the storage '{storage.Key}' with sizes beyond any memory.", error);
        }
    }
}
