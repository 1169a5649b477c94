using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>Compares the tensors of a file with those that a model needs, before any of them is read, and their values when they are.</summary>
internal static class TensorChecks
{
    private const int Named = 5;

    /// <summary>Checks that there are tensors of these names and shapes, and no others of the same part.</summary>
    /// <param name="source">The file.</param>
    /// <param name="expected">Shapes by name.</param>
    /// <param name="part">What the names of the part begin with.</param>
    /// <exception cref="InvalidDataException">Some are missing, have another shape, or are unknown; it names the first of each.</exception>
    public static void RequireShapes(this ITensorSource source, IReadOnlyDictionary<string, long[]> expected, string part)
    {
        string[] missing = [.. expected.Keys.Where(name => !source.Shapes.ContainsKey(name))];
        string[] unknown = [.. source.Shapes.Keys.Where(name => name.StartsWith(part, StringComparison.Ordinal) && !expected.ContainsKey(name))];
        string[] other = [.. expected.Where(tensor => source.Shapes.TryGetValue(tensor.Key, out long[]? shape) && !shape.SequenceEqual(tensor.Value))
            .Select(tensor => $"{tensor.Key} [{string.Join(", ", source.Shapes[tensor.Key])}] instead of [{string.Join(", ", tensor.Value)}]")];
        string problems = string.Join("; ", new[] { Problem("lacks", missing), Problem("holds, of an unknown name,", unknown), Problem("holds, of another shape,", other) }.Where(problem => problem.Length > 0));
        if (problems.Length > 0)
            throw new InvalidDataException($"'{source.Source}' does not fit its config.json or size: it {problems}. Fetch both again.");
    }

    /// <summary><see cref="ITensorSource.Read"/>, with the values checked.</summary>
    /// <exception cref="InvalidDataException">It cannot be read, or holds a value that is not finite.</exception>
    public static Tensor ReadFinite(this ITensorSource source, string name, ScalarType type, Device device)
    {
        using var scope = NewDisposeScope();
        Tensor tensor = source.Read(name, type, device);
        return tensor.isfinite().all().item<bool>()
            ? tensor.MoveToOuterDisposeScope()
            : throw new InvalidDataException($"The tensor '{name}' of '{source.Source}' holds values that are not finite{(type == ScalarType.Float16 ? " in float16; use bfloat16 or float32" : "")}.");
    }

    private static string Problem(string verb, string[] tensors) => tensors.Length == 0 ? ""
        : $"{verb} {string.Join(", ", tensors.Order(StringComparer.Ordinal).Take(Named))}{(tensors.Length > Named ? $" and {tensors.Length - Named} more" : "")}";
}
