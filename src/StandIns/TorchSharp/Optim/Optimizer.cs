using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public static partial class optim
    {
        public interface ILearningRateController
        {
            double LearningRate { get; set; }

            double InitialLearningRate { get; set; }
        }

        /// <summary>Groups of parameters, each with its own learning rate, settings and state.</summary>
        public abstract class Optimizer : IDisposable
        {
            private protected readonly List<ParamGroup> _groups;

            private protected Optimizer(IEnumerable<ParamGroup> groups) => _groups = [.. groups];

            public virtual IEnumerable<ILearningRateController> ParamGroups => _groups;

            public virtual IEnumerable<Parameter> parameters() => _groups.SelectMany(group => group.Parameters);

            /// <summary>Fills the gradients with zeros; a parameter that has had one is therefore stepped on, even when the next loss does not reach it.</summary>
            public virtual void zero_grad() => Gradients.Clear(parameters(), setToNone: false);

            public virtual Tensor step(Func<Tensor> closure = null)
            {
                Tensor loss = null;
                if (closure is not null)
                {
                    using var gradient = enable_grad();
                    loss = closure();
                }
                foreach (var group in _groups) group.Step();
                return loss;
            }

            /// <summary>What an optimiser has learnt, in the order of its parameters.</summary>
            public class StateDictionary
            {
                internal StateDictionary() { }

                public List<OptimizerState> State { get; } = [];
            }

            public void Dispose()
            {
                Dispose(true);
                GC.SuppressFinalize(this);
            }

            protected virtual void Dispose(bool disposing)
            {
                if (!disposing) return;
                foreach (var group in _groups) group.DisposeState();
            }
        }
    }
}
