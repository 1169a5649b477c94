using System.Runtime.InteropServices;

namespace Microsoft.ML.DrSeg.Tool;

/// <summary>Ctrl-C, and the signal that asks a process to end: once asks for a stop at the next good moment, twice stops at once.</summary>
internal sealed class Interruption : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private readonly PosixSignalRegistration[] _registrations;

    public Interruption() => _registrations =
    [
        PosixSignalRegistration.Create(PosixSignal.SIGINT, Interrupt),
        PosixSignalRegistration.Create(PosixSignal.SIGTERM, Interrupt),
    ];

    /// <summary>Set by the first signal.</summary>
    public CancellationToken Token => _source.Token;

    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations) registration.Dispose();
        _source.Dispose();
    }

    private void Interrupt(PosixSignalContext context)
    {
        // A second signal takes its usual course.
        if (_source.IsCancellationRequested) return;
        context.Cancel = true;
        if (Ranks.IsFirst) Console.Error.WriteLine($"{CommandLineProgram.Name}: stopping after what is under way; once more stops at once.");
        _source.Cancel();
    }
}
