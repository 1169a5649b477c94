namespace Microsoft.ML.DrSeg.Reporting;

/// <summary>Writes files that are either wholly there or not at all.</summary>
public static class AtomicFile
{
    /// <summary>
    /// Writes under a temporary name in the same folder, forces the bytes to the disk and renames, replacing a file of that
    /// name. On any failure the temporary file is removed and an older file stays as it was. Missing folders are made.
    /// </summary>
    /// <param name="path">The file to write.</param>
    /// <param name="write">Writes the contents.</param>
    /// <exception cref="IOException">The file cannot be written, for one because the disk is full; the message names it.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(write);
        var target = Path.GetFullPath(path);
        var temporary = $"{target}.{Guid.NewGuid():N}.tmp";
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            using (var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }
            File.Move(temporary, target, overwrite: true);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"The file '{target}' could not be written and was left as it was: {failure.Message} Make room or choose another folder.", failure);
        }
        finally
        {
            // Gone already after a successful rename; File.Delete does not mind.
            if (Directory.Exists(Path.GetDirectoryName(target)))
                File.Delete(temporary);
        }
    }

    /// <summary>Writes text as UTF-8 without a byte order mark.</summary>
    /// <inheritdoc cref="Write(string, Action{Stream})"/>
    /// <param name="path">The file to write.</param>
    /// <param name="text">Its contents.</param>
    public static void WriteText(string path, string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        Write(path, stream => stream.Write(System.Text.Encoding.UTF8.GetBytes(text)));
    }
}
