using System.Text;

namespace Microsoft.ML.DrSeg.Common;

/// <summary>Writes a file whole or not at all: under a temporary name beside it, flushed to disk, then renamed, and the folder flushed.</summary>
internal static class AtomicFile
{
    /// <summary>Ends the name of a file that is being written; one that a killed process left behind is nobody's.</summary>
    public const string TemporaryExtension = ".tmp";

    public static void Write(string path, Action<Stream> write)
    {
        string full = Path.GetFullPath(path), temporary = full + TemporaryExtension;
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(full)!);
            using (var stream = new FileStream(temporary, FileMode.Create, FileAccess.ReadWrite))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }
            File.Move(temporary, full, overwrite: true);
            FolderFlush.Flush(Path.GetDirectoryName(full)!);
        }
        catch (Exception error)
        {
            RemoveIfThere(temporary);
            if (error is IOException or UnauthorizedAccessException)
                throw new IOException($"Cannot write '{full}': {error.Message} Free some space or choose another place.", error);
            throw;
        }
    }

    public static void WriteText(string path, string text) => Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(text)));

    // Where writing failed, removing may fail as well: the first failure is the one to be told.
    private static void RemoveIfThere(string temporary)
    {
        try
        {
            File.Delete(temporary);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
        }
    }
}
