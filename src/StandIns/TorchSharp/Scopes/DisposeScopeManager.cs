namespace TorchSharp;

/// <summary>The dispose scopes of each thread, the innermost one last.</summary>
public class DisposeScopeManager
{
    [ThreadStatic] private static DisposeScopeManager _current;

    private readonly List<DisposeScope> _scopes = [];
    private readonly ThreadDisposeScopeStatistics _statistics = new();

    internal static DisposeScopeManager Current => _current ??= new();

    public static ThreadDisposeScopeStatistics Statistics => Current._statistics;

    internal DisposeScope Innermost => _scopes.Count > 0 ? _scopes[^1] : null;

    internal DisposeScope Open()
    {
        var scope = new DisposeScope(this, Innermost);
        _scopes.Add(scope);
        return scope;
    }

    internal void Close(DisposeScope scope) => _scopes.Remove(scope);

    /// <summary>Puts a new tensor into the thread's innermost scope, if there is one.</summary>
    internal static DisposeScope Register(IDisposable created)
    {
        var manager = Current;
        var scope = manager.Innermost;
        if (scope is null)
        {
            manager._statistics.CreatedOutsideScopeCount++;
            return null;
        }
        manager._statistics.CreatedInScopeCount++;
        scope.Include(created);
        return scope;
    }
}
