namespace Microsoft.ML.Data;

/// <summary>
/// Looks for the end-of-image marker of a JPEG file (ITU-T T.81, annex B), because decoders accept files without it.
/// </summary>
internal static class JpegEnd
{
    private const byte Prefix = 0xFF, StartOfImage = 0xD8, EndOfImage = 0xD9, FirstRestart = 0xD0, LastRestart = 0xD7;

    /// <summary>True for a file that begins as a JPEG and ends before its end-of-image marker; false for any other format.</summary>
    public static bool IsMissing(ReadOnlySpan<byte> file)
    {
        if (file.Length < 2 || file[0] != Prefix || file[1] != StartOfImage)
            return false;

        int at = 2;
        while (true)
        {
            at = NextMarker(file, at);
            if (at < 0)
                return true;
            if (file[at] == EndOfImage)
                return false;
            // A segment (its length counts its own two bytes), after which a scan's coded data or the next marker follow.
            // Its content is skipped: an embedded thumbnail has an end marker of its own.
            if (at + 2 >= file.Length)
                return true;
            at += 1 + ((file[at + 1] << 8) | file[at + 2]);
        }
    }

    // The position of the next marker's second byte. In coded data 0xFF is followed by 0 or a restart marker.
    private static int NextMarker(ReadOnlySpan<byte> file, int at)
    {
        while (at < file.Length - 1)
        {
            int offset = file[at..^1].IndexOf(Prefix);
            if (offset < 0)
                return -1;
            at += offset + 1;
            byte code = file[at];
            if (code != 0 && code != Prefix && code is not (>= FirstRestart and <= LastRestart))
                return at;
        }

        return -1;
    }
}
