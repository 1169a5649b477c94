using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Training;

/// <summary>One step of AdamW with clipped gradients, which stops at the first loss or gradient that is not finite.</summary>
internal sealed class OptimizationStep : IDisposable
{
    private const double WeightDecay = 0.01;
    private const double LargestGradientNorm = 1;

    private readonly Parameter[] parameters;
    private readonly optim.Optimizer optimizer;
    private readonly LearningRateSchedule schedule;
    private readonly string stage;
    private int step;

    public OptimizationStep(string stage, IEnumerable<Parameter> parameters, LearningRateSchedule schedule)
    {
        this.stage = stage;
        this.parameters = [.. parameters];
        this.schedule = schedule;
        optimizer = optim.AdamW(this.parameters, schedule.Peak, weight_decay: WeightDecay);
    }

    /// <summary>Adds up gradients of one part of the loss.</summary>
    /// <returns>The loss as a number.</returns>
    /// <exception cref="InvalidOperationException">The loss is not finite.</exception>
    public double Backward(Tensor loss)
    {
        double value = loss.detach().cpu().item<float>();
        if (!double.IsFinite(value)) throw Diverged("loss", value);
        loss.backward();
        return value;
    }

    /// <summary>Applies the gathered gradients and clears them.</summary>
    /// <returns>Their norm before clipping.</returns>
    /// <exception cref="InvalidOperationException">A gradient is not finite.</exception>
    public double Apply()
    {
        double norm = nn.utils.clip_grad_norm_(parameters, LargestGradientNorm);
        if (!double.IsFinite(norm)) throw Diverged("gradient norm", norm);
        schedule.Apply(optimizer, step++);
        optimizer.step();
        optimizer.zero_grad();
        return norm;
    }

    public void Dispose() => optimizer.Dispose();

    private InvalidOperationException Diverged(string what, double value) => new(
        $"Training stopped at step {step + 1} of '{stage}': the {what} is {value}. The weights are those of the step before. Try a lower learning rate.");
}
