using System.Runtime.InteropServices.Marshalling;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>A tensor of libtorch. Its memory is native: it lives until it or its dispose scope is disposed, or the garbage collector finds it.</summary>
    [NativeMarshalling(typeof(TensorMarshaller))]
    public partial class Tensor : IDisposable
    {
        private static long s_totalCount;
        private static long s_peakCount;

        private nint _handle;

        /// <summary>Takes over <paramref name="handle"/>, a native tensor, and registers with the current dispose scope.</summary>
        internal Tensor(nint handle)
        {
            _handle = handle;
            var total = Interlocked.Increment(ref s_totalCount);
            if (total > Volatile.Read(ref s_peakCount)) Volatile.Write(ref s_peakCount, total);
            OwningScope = DisposeScopeManager.Register(this);
        }

        ~Tensor() => Dispose(false);

        /// <summary>Native tensors that are held now, on all threads.</summary>
        public static long TotalCount => Interlocked.Read(ref s_totalCount);

        public static long PeakCount => Interlocked.Read(ref s_peakCount);

        public IntPtr Handle => _handle != 0 ? _handle : throw new InvalidOperationException("The tensor has been disposed, by itself or with its scope. Move results out of a scope with MoveToOuterDisposeScope.");

        public bool IsInvalid => _handle == 0;

        internal DisposeScope OwningScope { get; set; }

        /// <summary>A second managed tensor over the same native one.</summary>
        internal Tensor Share() => Native.ts_share(this);

        public void Dispose()
        {
            OwningScope?.MarkAsDisposed(this);
            Dispose(true);
            GC.SuppressFinalize(this);
        }

        protected virtual void Dispose(bool disposing)
        {
            var handle = Interlocked.Exchange(ref _handle, 0);
            if (handle == 0) return;
            Interlocked.Decrement(ref s_totalCount);
            Native.ts_dispose(handle);
        }

        /// <summary>Gives the native tensor away: this one is invalid afterwards.</summary>
        internal nint ReleaseHandle()
        {
            OwningScope?.Detach(this);
            var handle = Interlocked.Exchange(ref _handle, 0);
            if (handle == 0) throw new InvalidOperationException("The tensor has been disposed.");
            Interlocked.Decrement(ref s_totalCount);
            GC.SuppressFinalize(this);
            return handle;
        }

        public Tensor MoveToOuterDisposeScope()
        {
            OwningScope?.MoveToOuter(this);
            return this;
        }

        public Tensor MoveToOtherDisposeScope(DisposeScope other)
        {
            OwningScope?.MoveToOther(other, this);
            return this;
        }

        public Tensor DetachFromDisposeScope()
        {
            OwningScope?.Detach(this);
            return this;
        }

        /// <summary>Identity, not values: for those see <see cref="allclose"/> and <see cref="eq(Tensor)"/>.</summary>
        public override bool Equals(object obj) => ReferenceEquals(this, obj);

        public override int GetHashCode() => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(this);

        public override string ToString() => IsInvalid ? "disposed tensor" : $"[{string.Join("x", shape)}], type = {dtype}, device = {device}";
    }
}
