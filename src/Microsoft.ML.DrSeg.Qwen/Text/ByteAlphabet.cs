namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>
/// The 256 characters that stand for bytes in byte-level vocabularies: printable bytes for themselves, the other 68 from U+0100
/// on in their order (openai/gpt-2, <c>encoder.py</c>).
/// </summary>
internal static class ByteAlphabet
{
    /// <summary>The character of each byte.</summary>
    public static IReadOnlyList<char> Characters { get; } = Build();

    private static char[] Build()
    {
        var characters = new char[256];
        int others = 0;
        for (int value = 0; value < 256; value++)
            characters[value] = value is (>= 33 and <= 126) or (>= 161 and <= 172) or (>= 174 and <= 255) ? (char)value : (char)(256 + others++);
        return characters;
    }
}
