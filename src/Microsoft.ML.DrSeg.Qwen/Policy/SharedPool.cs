namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>
/// Large parts that several models use at once, such as the frozen weights under a model and its copy in training: made when they
/// are first taken, disposed when the last who took them gives them back. Safe to use from several threads, which wait while a part is made.
/// </summary>
internal sealed class SharedPool<TKey, TPart>
    where TKey : notnull
    where TPart : class, IDisposable
{
    private readonly Dictionary<TKey, (TPart Part, int Users)> _parts = [];

    /// <summary>Takes a part.</summary>
    /// <param name="key">Which one.</param>
    /// <param name="make">Makes it where nobody has it.</param>
    public Lease Take(TKey key, Func<TPart> make)
    {
        lock (_parts)
        {
            (TPart part, int users) = _parts.TryGetValue(key, out (TPart, int) known) ? known : (make(), 0);
            _parts[key] = (part, users + 1);
            return new Lease(this, key, part);
        }
    }

    private void GiveBack(TKey key)
    {
        lock (_parts)
        {
            (TPart part, int users) = _parts[key];
            if (users > 1)
            {
                _parts[key] = (part, users - 1);
                return;
            }
            _parts.Remove(key);
            part.Dispose();
        }
    }

    /// <summary>A part in use; disposing it gives the part back.</summary>
    public sealed class Lease : IDisposable
    {
        private readonly TKey _key;
        private SharedPool<TKey, TPart>? _pool;

        internal Lease(SharedPool<TKey, TPart> pool, TKey key, TPart part) => (_pool, _key, Part) = (pool, key, part);

        /// <summary>The part; it stays the pool's.</summary>
        public TPart Part { get; }

        /// <inheritdoc/>
        public void Dispose() => Interlocked.Exchange(ref _pool, null)?.GiveBack(_key);
    }
}
