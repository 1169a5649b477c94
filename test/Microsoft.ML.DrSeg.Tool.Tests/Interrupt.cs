using System.Diagnostics;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Tool.Tests;

/// <summary>SIGINT, as Ctrl-C sends it.</summary>
internal static class Interrupt
{
    /// <summary>Passes a test over where the process that it starts would not notice.</summary>
    public static void SkipWhereIgnored()
    {
        if (!OperatingSystem.IsLinux()) Assert.Ignore("Whether interrupts are ignored is read from /proc.");
        // The mask has bit n - 1 for signal n, and an interrupt is signal 2.
        const string Field = "SigIgn:";
        string mask = File.ReadLines("/proc/self/status").Single(line => line.StartsWith(Field, StringComparison.Ordinal))[Field.Length..];
        if ((Convert.ToUInt64(mask.Trim(), 16) & 2) != 0)
            Assert.Ignore("These tests were started with interrupts ignored, as a shell starts what runs in the background; so is every process below them.");
    }

    // The shell's own: a small system has no other.
    public static void Send(Process process) => Send(process.Id);

    public static void Send(int process) => Process.Start("sh", ["-c", $"kill -INT {process}"]).WaitForExit();
}
