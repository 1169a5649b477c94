using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Tests.OwnModel;

/// <summary>What training adds to a <see cref="TextPolicy"/>: a change of low rank to what it sees, and one to how it spells. Nothing at first.</summary>
internal sealed class TextAdapter : IDisposable
{
    private TextAdapter(Parameter down, Parameter up, Parameter spelling) => (Down, Up, Spelling) = (down, up, spelling);

    public Parameter Down { get; }

    public Parameter Up { get; }

    public Parameter Spelling { get; }

    /// <summary>Whether it changes nothing: as it was made.</summary>
    public bool IsNothing
    {
        get
        {
            using var scope = NewDisposeScope();
            return Up.count_nonzero().item<long>() == 0 && Spelling.count_nonzero().item<long>() == 0;
        }
    }

    public static TextAdapter Create(TextModelShape shape, Device device) => new(
        new(randn(shape.Width, shape.Rank, device: device)), new(zeros(shape.Rank, TextPromptBatch.Features, device: device)),
        new(zeros(AnswerPieces.Start + 1, AnswerPieces.Count, device: device)));

    /// <summary>A copy of tensors by name, of those of <see cref="Tensors"/>; it takes no gradient.</summary>
    /// <exception cref="InvalidDataException">They are others.</exception>
    public static TextAdapter CopyOf(IReadOnlyDictionary<string, Tensor> tensors, Device device)
    {
        Parameter Copy(string name) => tensors.TryGetValue(name, out Tensor? found)
            ? (Parameter)new Parameter(found.detach().to(device, copy: true), requires_grad: false).DetachFromDisposeScope()
            : throw new InvalidDataException($"The adapter's tensor '{name}' is missing.");
        using var scope = NewDisposeScope();
        return new(Copy("down"), Copy("up"), Copy("spelling"));
    }

    public Dictionary<string, Tensor> Tensors() => new() { ["down"] = Down, ["up"] = Up, ["spelling"] = Spelling };

    public void Dispose()
    {
        Down.Dispose();
        Up.Dispose();
        Spelling.Dispose();
    }
}
