using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>Parameters that one rule steps at one learning rate, with the rule's state: tensors of each parameter's shape, and step counts.</summary>
public class ParamGroup : optim.ILearningRateController
{
    private readonly Parameter[] _parameters;
    private readonly UpdateRule _rule;
    private readonly Tensor[][] _state;
    private readonly long[] _steps;

    internal ParamGroup(IEnumerable<Parameter> parameters, double learningRate, UpdateRule rule)
    {
        _parameters = [.. parameters];
        _rule = rule;
        LearningRate = InitialLearningRate = learningRate;
        _steps = new long[_parameters.Length];
        _state = new Tensor[rule.StateTensors][];
        for (var slot = 0; slot < _state.Length; slot++)
            _state[slot] = Array.ConvertAll(_parameters, parameter => full_like(parameter, rule.InitialState).DetachFromDisposeScope());
    }

    internal IEnumerable<Parameter> Parameters => _parameters;

    public double LearningRate { get; set; }

    public double InitialLearningRate { get; set; }

    internal void Step()
    {
        using var parameters = new TensorList(_parameters);
        var state = Array.ConvertAll(_state, slot => Array.ConvertAll(slot, tensor => tensor.Handle));
        _rule.Step(LearningRate, parameters.Handles, state, _steps);
    }

    internal void DisposeState()
    {
        foreach (var slot in _state)
            foreach (var tensor in slot) tensor.Dispose();
    }

    internal void Save(BinaryWriter writer)
    {
        writer.Write(LearningRate);
        writer.Write(InitialLearningRate);
        writer.Write7BitEncodedInt(_parameters.Length);
        writer.Write7BitEncodedInt(_state.Length);
        for (var i = 0; i < _parameters.Length; i++)
        {
            writer.Write7BitEncodedInt64(_steps[i]);
            foreach (var slot in _state) TensorStream.Write(writer, slot[i]);
        }
    }

    internal void Load(BinaryReader reader)
    {
        LearningRate = reader.ReadDouble();
        InitialLearningRate = reader.ReadDouble();
        var (count, slots) = (reader.Read7BitEncodedInt(), reader.Read7BitEncodedInt());
        if (count != _parameters.Length || slots != _state.Length)
            throw new ArgumentException(
                $"The stream holds {slots} state tensors for each of {count} parameters, the optimiser {_state.Length} for each of {_parameters.Length}. " +
                "Load it into an optimiser of the same kind and settings.", nameof(reader));
        for (var i = 0; i < _parameters.Length; i++)
        {
            _steps[i] = reader.Read7BitEncodedInt64();
            foreach (var slot in _state) TensorStream.ReadInto(reader, slot[i], $"state of parameter {i}");
        }
    }
}
