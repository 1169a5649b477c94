namespace Microsoft.ML.DrSeg.Tests;

/// <summary>Tells at once, on the same thread, unlike <see cref="Progress{T}"/>.</summary>
internal sealed class Told<T>(Action<T> told) : IProgress<T>
{
    public void Report(T value) => told(value);
}
