using System.Runtime.InteropServices;

namespace Microsoft.ML.DrSeg.Tool;

/// <summary>Ctrl-C, and the signal that asks a process to end: once asks for a stop at the next good moment, twice stops at once.</summary>
internal sealed class Interruption : IDisposable
{
    private readonly CancellationTokenSource source = new();
    private readonly PosixSignalRegistration[] registrations;

    public Interruption() => registrations =
    [
        PosixSignalRegistration.Create(PosixSignal.SIGINT, Interrupt),
        PosixSignalRegistration.Create(PosixSignal.SIGTERM, Interrupt),
    ];

    /// <summary>Set by the first signal.</summary>
    public CancellationToken Token => source.Token;

    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in registrations) registration.Dispose();
        source.Dispose();
    }

    private void Interrupt(PosixSignalContext context)
    {
        // A second signal takes its usual course.
        if (source.IsCancellationRequested) return;
        context.Cancel = true;
        Console.Error.WriteLine($"{CommandLineProgram.Name}: stopping after what is under way; once more stops at once.");
        source.Cancel();
    }
}
