using Microsoft.ML.DrSeg.Models;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Training;

/// <summary>One step of AdamW with clipped gradients, which stops at the first loss or gradient that is not finite.</summary>
internal sealed class OptimizationStep : IDisposable
{
    /// <summary>The largest gradient norm where nobody says otherwise.</summary>
    public const double UsualGradientNorm = 1;

    private const double WeightDecay = 0.01;

    private readonly Parameter[] parameters;
    private readonly AdamW optimizer;
    private readonly LearningRateSchedule schedule;
    private readonly double largestGradientNorm;
    private readonly string stage;
    private int step;

    public OptimizationStep(string stage, IEnumerable<Parameter> parameters, LearningRateSchedule schedule, double largestGradientNorm = UsualGradientNorm)
    {
        this.stage = stage;
        this.parameters = [.. parameters];
        this.schedule = schedule;
        this.largestGradientNorm = largestGradientNorm;
        optimizer = optim.AdamW(this.parameters, schedule.Peak, weight_decay: WeightDecay);
    }

    /// <summary>The learning rate of the last update; 0 before the first.</summary>
    public double LearningRate => step == 0 ? 0 : schedule.At(step - 1);

    /// <summary>Adds up gradients of one part of the loss.</summary>
    /// <param name="loss">Scalar.</param>
    /// <param name="scored">What the loss was computed from, where its policy has a backward pass of its own.</param>
    /// <param name="where">Names step and batch for the error; null for the optimiser's own count.</param>
    /// <returns>The loss as a number.</returns>
    /// <exception cref="TrainingDivergedException">The loss is not finite.</exception>
    public double Backward(Tensor loss, ScoredTokens? scored = null, Func<string>? where = null)
    {
        double value = loss.detach().cpu().item<float>();
        if (!double.IsFinite(value)) throw Diverged("loss", value, where);
        loss.backward();
        scored?.Backward();
        return value;
    }

    /// <summary>Applies the gathered gradients and clears them.</summary>
    /// <param name="where">As for <see cref="Backward"/>.</param>
    /// <returns>Their norm before clipping.</returns>
    /// <exception cref="TrainingDivergedException">A gradient is not finite.</exception>
    public double Apply(Func<string>? where = null)
    {
        double norm = nn.utils.clip_grad_norm_(parameters, largestGradientNorm);
        if (!double.IsFinite(norm)) throw Diverged("gradient norm", norm, where);
        schedule.Apply(optimizer, step++);
        optimizer.step();
        optimizer.zero_grad();
        return norm;
    }

    /// <summary>Gives the moments of all parameters: the tensors themselves, not copies.</summary>
    /// <param name="tensors">Receives them by name.</param>
    /// <returns>Updates in all, and how often each parameter was stepped: one without a gradient is passed over.</returns>
    public (int Updates, long[] ParameterSteps) Save(IDictionary<string, Tensor> tensors)
    {
        foreach ((string name, Tensor tensor) in Moments()) tensors.Add(name, tensor);
        return (step, [.. States().Select(state => state.step)]);
    }

    /// <summary>Puts back what <see cref="Save"/> gave.</summary>
    /// <exception cref="InvalidDataException">A tensor is missing or has another shape.</exception>
    public void Restore(int updates, long[] parameterSteps, Dictionary<string, (long[] Shape, float[] Values)> tensors)
    {
        if (parameterSteps.Length != parameters.Length)
            throw new InvalidDataException($"The optimiser's state is of {parameterSteps.Length} parameters; the policy has {parameters.Length}.");
        foreach ((string name, Tensor tensor) in Moments()) tensors.Take(name, tensor);
        foreach ((AdamW.State state, long steps) in States().Zip(parameterSteps)) state.step = steps;
        step = updates;
    }

    public void Dispose() => optimizer.Dispose();

    private IEnumerable<AdamW.State> States() => optimizer.state_dict().State.Cast<AdamW.State>();

    private IEnumerable<(string Name, Tensor Tensor)> Moments() => States().SelectMany((state, index) =>
        new[] { ($"optimizer.average.{index}", state.exp_avg), ($"optimizer.square.{index}", state.exp_avg_sq) });

    private TrainingDivergedException Diverged(string what, double value, Func<string>? where) => new(
        $"Training of '{stage}' stopped at {where?.Invoke() ?? $"step {step + 1}"}: the {what} is {value}. The weights are those of the update before. " +
        "Try a lower learning rate, a smaller gradient norm or a larger divergence weight, and look at the rewards and images of these examples.");
}

/// <summary>Training met a loss or gradient that is not finite and stopped before it could spoil the weights.</summary>
/// <param name="message">Step, examples, value and what to try.</param>
public sealed class TrainingDivergedException(string message) : InvalidOperationException(message);
