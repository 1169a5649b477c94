namespace TorchSharp;

/// <summary>Disposes, when it ends, what was made on its thread since it began and has not been moved out.</summary>
public sealed class DisposeScope : IDisposable
{
    private readonly DisposeScopeManager _manager;
    private readonly DisposeScope _outer;
    private HashSet<IDisposable> _disposables = new(ReferenceEqualityComparer.Instance);

    internal DisposeScope(DisposeScopeManager manager, DisposeScope outer) => (_manager, _outer) = (manager, outer);

    public int DisposablesCount => _disposables.Count;

    public IReadOnlyList<IDisposable> DisposablesView => [.. _disposables];

    public bool Contains(IDisposable disposable) => _disposables.Contains(disposable);

    public T MoveToOuter<T>(T disposable) where T : IDisposable
    {
        Move(disposable, _outer);
        return disposable;
    }

    public (T1 first, T2 second) MoveToOuter<T1, T2>(T1 first, T2 second) where T1 : IDisposable where T2 : IDisposable =>
        (MoveToOuter(first), MoveToOuter(second));

    public void MoveToOuter(params IDisposable[] disposables) => MoveToOuter((IEnumerable<IDisposable>)disposables);

    public void MoveToOuter(IEnumerable<IDisposable> disposables)
    {
        foreach (var disposable in disposables) Move(disposable, _outer);
    }

    public T MoveToOther<T>(DisposeScope scope, T disposable) where T : IDisposable
    {
        Move(disposable, scope);
        return disposable;
    }

    public T Detach<T>(T disposable) where T : IDisposable
    {
        Move(disposable, null);
        return disposable;
    }

    public void Attach(IDisposable disposable) => Adopt(disposable);

    public void DisposeEverything() => DisposeEverythingBut();

    public T DisposeEverythingBut<T>(T keep) where T : IDisposable
    {
        DisposeEverythingBut([keep]);
        return keep;
    }

    public void DisposeEverythingBut(params IDisposable[] keep) => DisposeEverythingBut((IEnumerable<IDisposable>)keep);

    public void DisposeEverythingBut(IEnumerable<IDisposable> inKeep)
    {
        var kept = new HashSet<IDisposable>(inKeep, ReferenceEqualityComparer.Instance);
        kept.IntersectWith(_disposables);
        var ended = _disposables;
        _disposables = kept;
        foreach (var disposable in ended)
        {
            if (kept.Contains(disposable)) continue;
            DisposeScopeManager.Statistics.DisposedInScopeCount++;
            if (disposable is torch.Tensor tensor) tensor.OwningScope = null;
            disposable.Dispose();
        }
    }

    public void MarkAsDisposed(IDisposable disposable)
    {
        if (!_disposables.Remove(disposable)) return;
        DisposeScopeManager.Statistics.DisposedInScopeCount++;
        if (disposable is torch.Tensor tensor) tensor.OwningScope = null;
    }

    public void Dispose()
    {
        DisposeEverything();
        _manager.Close(this);
    }

    internal void Include(IDisposable disposable) => _disposables.Add(disposable);

    private void Move(IDisposable disposable, DisposeScope target)
    {
        if (disposable is null || !_disposables.Remove(disposable)) return;
        if (disposable is torch.Tensor tensor) tensor.OwningScope = null;
        if (target is not null) target.Adopt(disposable);
        else DisposeScopeManager.Statistics.DetachedFromScopeCount++;
    }

    private void Adopt(IDisposable disposable)
    {
        if (disposable is torch.Tensor tensor)
        {
            if (tensor.OwningScope == this) return;
            tensor.OwningScope?._disposables.Remove(tensor);
            tensor.OwningScope = this;
        }
        _disposables.Add(disposable);
    }
}
