using System.Runtime.InteropServices.Marshalling;

namespace TorchSharp;

/// <summary>Passes generators to native functions, null as a null pointer, and keeps them alive during the call.</summary>
[CustomMarshaller(typeof(torch.Generator), MarshalMode.ManagedToUnmanagedIn, typeof(In))]
internal static class GeneratorMarshaller
{
    public ref struct In
    {
        private torch.Generator _generator;

        public void FromManaged(torch.Generator generator) => _generator = generator;

        public readonly nint ToUnmanaged() => _generator is null ? 0 : _generator.Handle;

        public readonly void Free() => GC.KeepAlive(_generator);
    }
}
