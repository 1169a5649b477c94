using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Microsoft.ML.DrSeg.Common;

/// <summary>
/// Brings a folder's list of names to disk, so that a file renamed into it is still there after a power cut. .NET opens no
/// folders, hence the system's own calls; Windows writes names through its journal and needs none.
/// </summary>
internal static partial class FolderFlush
{
    private const int ReadOnly = 0;

    public static void Flush(string folder)
    {
        if (OperatingSystem.IsWindows()) return;
        int descriptor = open(folder, ReadOnly);
        if (descriptor < 0) throw Failed(folder);
        try
        {
            if (fsync(descriptor) != 0) throw Failed(folder);
        }
        finally
        {
            _ = close(descriptor);
        }
    }

    private static IOException Failed(string folder) =>
        new($"Cannot flush the folder '{folder}' to disk: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}.");

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fsync(int descriptor);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int close(int descriptor);
}
