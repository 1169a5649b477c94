using System.Runtime.InteropServices;
using Microsoft.ML.DrSeg.Common;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Training;

/// <summary>
/// Adds up the gradients of all processes: every process has weighed its loss by its share of the whole step, so that the sum is the
/// gradient of the step. All of them travel in one buffer on the processor, whatever device they lie on.
/// </summary>
internal sealed class GradientExchange : IDisposable
{
    // What is exchanged at once: 64 MiB, below what the lengths of spans and of MPI can say.
    private const long Piece = 1 << 24;

    private readonly IProcessGroup _group;
    private readonly Parameter[] _parameters;

    // First, for each parameter, whether it has a gradient; then the gradients one after the other.
    private readonly Tensor _buffer;

    public GradientExchange(IProcessGroup group, Parameter[] parameters)
    {
        (_group, _parameters) = (group, parameters);
        _buffer = zeros(parameters.Length + parameters.Sum(parameter => parameter.numel()), ScalarType.Float32, CPU).DetachFromDisposeScope();
    }

    /// <summary>Puts the sum in the place of each gradient. A parameter without one in some processes counts as 0 there; one without in all stays without.</summary>
    public void Sum()
    {
        using var scope = NewDisposeScope();
        using IDisposable withoutGradient = no_grad();
        float[] has = Array.ConvertAll(_parameters, parameter => parameter.grad is null ? 0f : 1f);
        _buffer.narrow(0, 0, has.Length).copy_(tensor(has));
        foreach ((Parameter parameter, Tensor part) in Parts())
        {
            if (parameter.grad is { } gradient) part.copy_(gradient);
            else part.zero_();
        }
        for (long from = 0; from < _buffer.numel(); from += Piece)
            _group.Sum(MemoryMarshal.Cast<byte, float>(_buffer.narrow(0, from, Math.Min(Piece, _buffer.numel() - from)).bytes));
        has = _buffer.narrow(0, 0, has.Length).data<float>().ToArray();
        foreach (((Parameter parameter, Tensor part), float count) in Parts().Zip(has))
        {
            if (count == 0) continue;
            if (parameter.grad is { } gradient) gradient.copy_(part);
            else parameter.grad = part.to(parameter.dtype, parameter.device, copy: true).DetachFromDisposeScope();
        }
    }

    public void Dispose() => _buffer.Dispose();

    private IEnumerable<(Parameter Parameter, Tensor Part)> Parts()
    {
        long at = _parameters.Length;
        foreach (Parameter parameter in _parameters)
        {
            yield return (parameter, _buffer.narrow(0, at, parameter.numel()).view(parameter.shape));
            at += parameter.numel();
        }
    }
}
