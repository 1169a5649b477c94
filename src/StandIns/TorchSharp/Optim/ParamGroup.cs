using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>Parameters that one rule steps at one learning rate, with the rule's state: tensors of each parameter's shape, and step counts.</summary>
public class ParamGroup : optim.ILearningRateController
{
    private readonly Parameter[] _parameters;
    private readonly UpdateRule _rule;
    private readonly OptimizerState[] _states;

    internal ParamGroup(IEnumerable<Parameter> parameters, double learningRate, UpdateRule rule)
    {
        _parameters = [.. parameters];
        _rule = rule;
        LearningRate = InitialLearningRate = learningRate;
        _states = Array.ConvertAll(_parameters, parameter =>
        {
            var slots = new Tensor[rule.StateTensors];
            for (var slot = 0; slot < slots.Length; slot++) slots[slot] = full_like(parameter, rule.InitialState).DetachFromDisposeScope();
            return rule.CreateState(slots);
        });
    }

    internal IEnumerable<Parameter> Parameters => _parameters;

    internal IEnumerable<OptimizerState> States => _states;

    public double LearningRate { get; set; }

    public double InitialLearningRate { get; set; }

    internal void Step()
    {
        using var parameters = new TensorList(_parameters);
        var slots = new nint[_rule.StateTensors][];
        for (var slot = 0; slot < slots.Length; slot++) slots[slot] = Array.ConvertAll(_states, state => state.Slot(slot).Handle);
        var steps = Array.ConvertAll(_states, state => state.Steps);
        _rule.Step(LearningRate, parameters.Handles, slots, steps);
        for (var i = 0; i < steps.Length; i++) _states[i].Steps = steps[i];
    }

    internal void DisposeState()
    {
        foreach (var state in _states)
            for (var slot = 0; slot < _rule.StateTensors; slot++) state.Slot(slot).Dispose();
    }

    internal void Save(BinaryWriter writer)
    {
        writer.Write(LearningRate);
        writer.Write(InitialLearningRate);
        writer.Write7BitEncodedInt(_parameters.Length);
        writer.Write7BitEncodedInt(_rule.StateTensors);
        foreach (var state in _states)
        {
            writer.Write7BitEncodedInt64(state.Steps);
            for (var slot = 0; slot < _rule.StateTensors; slot++) TensorStream.Write(writer, state.Slot(slot));
        }
    }

    internal void Load(BinaryReader reader)
    {
        LearningRate = reader.ReadDouble();
        InitialLearningRate = reader.ReadDouble();
        var (count, slots) = (reader.Read7BitEncodedInt(), reader.Read7BitEncodedInt());
        if (count != _parameters.Length || slots != _rule.StateTensors)
            throw new ArgumentException(
                $"The stream holds {slots} state tensors for each of {count} parameters, the optimiser {_rule.StateTensors} for each of {_parameters.Length}. " +
                "Load it into an optimiser of the same kind and settings.", nameof(reader));
        for (var i = 0; i < _parameters.Length; i++)
        {
            _states[i].Steps = reader.Read7BitEncodedInt64();
            for (var slot = 0; slot < slots; slot++) TensorStream.ReadInto(reader, _states[i].Slot(slot), $"state of parameter {i}");
        }
    }
}
