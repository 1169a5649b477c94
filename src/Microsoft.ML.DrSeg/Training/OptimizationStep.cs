using Microsoft.ML.DrSeg.Common;
using Microsoft.ML.DrSeg.Models;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Training;

/// <summary>One step of AdamW with clipped gradients, which stops at the first loss or gradient that is not finite.</summary>
internal sealed class OptimizationStep : IDisposable
{
    /// <summary>The largest gradient norm where nobody says otherwise.</summary>
    public const double UsualGradientNorm = 1;

    private const double WeightDecay = 0.01;

    // PyTorch's clip_grad_norm_ divides by the norm and this.
    private const double ClipMargin = 1e-6;

    private readonly Parameter[] _parameters;
    private readonly AdamW _optimizer;
    private readonly LearningRateSchedule _schedule;
    private readonly double _largestGradientNorm;
    private readonly string _stage, _prefix;
    private readonly IProcessGroup _group;
    private readonly GradientExchange? _exchange;
    private int _step;

    /// <param name="stage">What is trained, for errors.</param>
    /// <param name="parameters">What is changed.</param>
    /// <param name="schedule">How far.</param>
    /// <param name="largestGradientNorm">Larger gradients are scaled down to this.</param>
    /// <param name="prefix">Begins the names of what is saved.</param>
    /// <param name="group">The processes that each have a part of the gradient; null for this one alone.</param>
    public OptimizationStep(
        string stage, IEnumerable<Parameter> parameters, LearningRateSchedule schedule, double largestGradientNorm = UsualGradientNorm, string prefix = "optimizer",
        IProcessGroup? group = null)
    {
        _group = group ?? SingleProcess.Instance;
        _stage = stage;
        _prefix = prefix;
        _parameters = [.. parameters];
        _schedule = schedule;
        _largestGradientNorm = largestGradientNorm;
        _optimizer = optim.AdamW(_parameters, schedule.Peak, weight_decay: WeightDecay);
        _exchange = _group.Size == 1 ? null : new GradientExchange(_group, _parameters);
    }

    /// <summary>The learning rate of the last update; 0 before the first.</summary>
    public double LearningRate => _step == 0 ? 0 : _schedule.At(_step - 1);

    /// <returns>The loss as a number.</returns>
    public double Backward(Tensor loss)
    {
        double value = loss.detach().cpu().item<float>();
        RequireFinite(value);
        loss.backward();
        return value;
    }

    /// <summary>Stops training by a loss that is not finite; its gradients are forgotten.</summary>
    /// <param name="where">Names step and batch for the error; null for the optimiser's own count.</param>
    public void RequireFinite(double loss, Func<string>? where = null) => RequireFinite("loss", loss, where);

    /// <summary>Applies the gathered gradients and clears them.</summary>
    /// <returns>Their norm before clipping.</returns>
    public double Apply(Func<string>? where = null)
    {
        _exchange?.Sum();
        double norm = Clip();
        RequireFinite("gradient norm", norm, where);
        _schedule.Apply(_optimizer, _step++);
        _optimizer.step();
        _optimizer.zero_grad();
        return norm;
    }

    /// <summary>Gives the moments of all parameters: the tensors themselves, not copies.</summary>
    /// <param name="tensors">Receives them by name.</param>
    public OptimizerProgress Save(IDictionary<string, Tensor> tensors)
    {
        foreach ((string name, Tensor tensor) in Moments()) tensors.Add(name, tensor);
        return new OptimizerProgress(_step, [.. States().Select(state => state.step)]);
    }

    /// <summary>Puts back what <see cref="Save"/> gave.</summary>
    /// <exception cref="InvalidDataException">A tensor is missing or has another shape.</exception>
    public void Restore(OptimizerProgress progress, Dictionary<string, (long[] Shape, float[] Values)> tensors)
    {
        if (progress.ParameterSteps.Length != _parameters.Length)
            throw new InvalidDataException($"The optimiser's state is of {progress.ParameterSteps.Length} parameters; what '{_stage}' trains has {_parameters.Length}.");
        foreach ((string name, Tensor tensor) in Moments()) tensors.Take(name, tensor);
        foreach ((AdamW.State state, long steps) in States().Zip(progress.ParameterSteps)) state.step = steps;
        _step = progress.Updates;
    }

    public void Dispose()
    {
        _exchange?.Dispose();
        _optimizer.Dispose();
    }

    private double Clip()
    {
        if (_group.Size == 1) return nn.utils.clip_grad_norm_(_parameters, _largestGradientNorm);
        // The norm's last bits hang on the number of threads: the first process's holds, so that all take the same step.
        double norm = _group.GatherValues<double>([nn.utils.clip_grad_norm_(_parameters, double.PositiveInfinity)])[0][0], scale = _largestGradientNorm / (norm + ClipMargin);
        if (!(scale < 1)) return norm;
        using var scope = NewDisposeScope();
        using IDisposable withoutGradient = no_grad();
        using var factor = scale.ToScalar();
        foreach (Parameter parameter in _parameters) parameter.grad?.mul_(factor);
        return norm;
    }

    private IEnumerable<AdamW.State> States() => _optimizer.state_dict().State.Cast<AdamW.State>();

    private IEnumerable<(string Name, Tensor Tensor)> Moments() => States().SelectMany((state, index) =>
        new[] { ($"{_prefix}.average.{index}", state.exp_avg), ($"{_prefix}.square.{index}", state.exp_avg_sq) });

    private void RequireFinite(string what, double value, Func<string>? where)
    {
        if (double.IsFinite(value)) return;
        _optimizer.zero_grad();
        throw new TrainingDivergedException(
            $"Training of '{_stage}' stopped at {where?.Invoke() ?? $"step {_step + 1}"}: the {what} is {value}. The weights are those of the update before. " +
            "Try a lower learning rate, a smaller gradient norm or a larger divergence weight, and look at the rewards and images of these examples.");
    }
}

/// <summary>How far an optimiser has come.</summary>
/// <param name="Updates">Updates in all, which the learning rate depends on.</param>
/// <param name="ParameterSteps">How often each parameter was stepped: one without a gradient is passed over.</param>
internal sealed record OptimizerProgress(int Updates, long[] ParameterSteps);

/// <summary>
/// Training met a score, loss or gradient that is not finite and stopped: before it could spoil the weights, or, where they draw no
/// answers any more, before it went on with spoilt ones.
/// </summary>
/// <param name="message">Step, examples, value and what to try.</param>
/// <param name="innerException">What was met; null where the message says all.</param>
public sealed class TrainingDivergedException(string message, Exception? innerException = null) : InvalidOperationException(message, innerException)
{
    internal static TrainingDivergedException After(NonFiniteScoreException error, string place) => new(
        $"Training of 'GRPO' stopped at {place}: the policy's score for token {error.Token} is {error.Score}, so the updates before have damaged the weights. " +
        "Begin anew, or from a checkpoint before the damage, with a lower learning rate, a smaller gradient norm or a larger divergence weight.", error);
}
