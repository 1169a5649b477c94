namespace TorchSharp;

public static partial class torch
{
    public static partial class optim
    {
        public static class lr_scheduler
        {
            public static LRScheduler StepLR(Optimizer optimizer, int step_size, double gamma = 0.1d, int last_epoch = -1, bool verbose = false) =>
                new StepSchedule(optimizer, step_size, gamma, last_epoch, verbose);

            public static LRScheduler CosineAnnealingLR(Optimizer optimizer, double T_max, double eta_min = 0d, int last_epoch = -1, bool verbose = false) =>
                new CosineSchedule(optimizer, T_max, eta_min, last_epoch, verbose);

            /// <summary>
            /// Sets the learning rate of each group from its last one, as PyTorch does, so that a rate that was changed by hand
            /// is not forgotten. A new scheduler (last_epoch -1) takes the groups'
            /// rates as the initial ones; one that resumes goes on from the epoch after last_epoch.
            /// </summary>
            public abstract class LRScheduler
            {
                private readonly Optimizer _optimizer;
                private readonly bool _verbose;
                private int _epoch;

                private protected LRScheduler(Optimizer optimizer, int lastEpoch, bool verbose)
                {
                    ArgumentNullException.ThrowIfNull(optimizer);
                    (_optimizer, _epoch, _verbose) = (optimizer, lastEpoch, verbose);
                    if (lastEpoch >= 0)
                    {
                        step();
                        return;
                    }
                    _epoch = 0;
                    foreach (var group in optimizer.ParamGroups) group.InitialLearningRate = group.LearningRate;
                }

                public virtual void step()
                {
                    _epoch++;
                    foreach (var group in _optimizer.ParamGroups)
                    {
                        group.LearningRate = Next(group, _epoch);
                        if (_verbose) Console.WriteLine($"Adjusting learning rate to {group.LearningRate}");
                    }
                }

                public IEnumerable<double> get_last_lr() => _optimizer.ParamGroups.Select(group => group.LearningRate);

                private protected abstract double Next(ILearningRateController group, int epoch);
            }

            private sealed class StepSchedule(Optimizer optimizer, int stepSize, double gamma, int lastEpoch, bool verbose) : LRScheduler(optimizer, lastEpoch, verbose)
            {
                private protected override double Next(ILearningRateController group, int epoch) =>
                    epoch % stepSize == 0 ? group.LearningRate * gamma : group.LearningRate;
            }

            // Loshchilov and Hutter 2017, equation 5, as a recurrence over epochs.
            private sealed class CosineSchedule(Optimizer optimizer, double period, double minimum, int lastEpoch, bool verbose) : LRScheduler(optimizer, lastEpoch, verbose)
            {
                private protected override double Next(ILearningRateController group, int epoch)
                {
                    // Just past a minimum, where the recurrence would divide by zero, the rate rises again.
                    if ((epoch - 1 - period) % (2 * period) == 0)
                        return group.LearningRate + (group.InitialLearningRate - minimum) * (1 - Math.Cos(Math.PI / period)) / 2;
                    var ratio = (1 + Math.Cos(Math.PI * epoch / period)) / (1 + Math.Cos(Math.PI * (epoch - 1) / period));
                    return ratio * (group.LearningRate - minimum) + minimum;
                }
            }
        }
    }
}
