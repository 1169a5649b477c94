using Microsoft.ML.DrSeg.Models;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Training;

/// <summary>The policy as it was, from which the divergence is measured: frozen at the beginning and, where asked for, anew every few steps.</summary>
internal sealed class ReferencePolicy
{
    private const string Prefix = "reference.";

    private readonly DrSegModel _model;
    private readonly bool _exists;
    private readonly int _syncEveryNSteps;

    /// <summary>Freezes the model's policy, where the divergence from it weighs anything.</summary>
    public ReferencePolicy(DrSegModel model, ObjectiveOptions options)
    {
        _model = model;
        _exists = options.DivergenceWeight > 0;
        _syncEveryNSteps = options.ReferenceSyncEveryNSteps;
        if (_exists) model.Policy.FreezeReference();
    }

    /// <summary>The policy that scores answers under its reference; null without one.</summary>
    public IVisionLanguagePolicy? Policy => _exists ? _model.Policy : null;

    public void Follow(int stepsDone)
    {
        if (_exists && _syncEveryNSteps > 0 && stepsDone % _syncEveryNSteps == 0) _model.Policy.FreezeReference();
    }

    public IEnumerable<(string Name, Tensor Tensor)> Tensors() =>
        !_exists ? [] : _model.Policy.ReferenceTensors().Select(entry => ($"{Prefix}{entry.Key}", entry.Value));

    /// <summary>Puts back what a checkpoint holds of it: the policy resumed is no longer the one that was frozen.</summary>
    public void Restore(Dictionary<string, (long[] Shape, float[] Values)> tensors)
    {
        if (!_exists) return;
        using var scope = NewDisposeScope();
        string[] names = [.. tensors.Keys.Where(name => name.StartsWith(Prefix, StringComparison.Ordinal))];
        _model.Policy.RestoreReference(names.ToDictionary(name => name[Prefix.Length..], name => tensors.Take(name)));
    }
}
