using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>Keeps what an optimiser has learnt: for every group the rates, and for every parameter the step count and the state tensors.</summary>
public abstract class OptimizerHelper : optim.Optimizer
{
    private protected OptimizerHelper(IEnumerable<ParamGroup> groups) : base(groups) { }

    /// <summary>The state itself, not a copy: what is written into its tensors, the optimiser goes on with.</summary>
    public virtual StateDictionary state_dict()
    {
        var dictionary = new StateDictionary();
        foreach (var group in _groups) dictionary.State.AddRange(group.States);
        return dictionary;
    }

    public void save_state_dict(string location)
    {
        using var writer = new BinaryWriter(File.Create(location));
        save_state_dict(writer);
    }

    public void save_state_dict(BinaryWriter writer)
    {
        writer.Write7BitEncodedInt(_groups.Count);
        foreach (var group in _groups) group.Save(writer);
    }

    public void load_state_dict(string location)
    {
        using var reader = new BinaryReader(File.OpenRead(location));
        load_state_dict(reader);
    }

    public void load_state_dict(BinaryReader reader)
    {
        var count = reader.Read7BitEncodedInt();
        if (count != _groups.Count)
            throw new ArgumentException($"The stream holds {count} parameter groups, the optimiser {_groups.Count}. Load it into an optimiser made like the one that was saved.", nameof(reader));
        foreach (var group in _groups) group.Load(reader);
    }
}
