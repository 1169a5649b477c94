namespace Microsoft.ML.DrSeg.Imaging;

/// <summary>
/// An axis-aligned box in pixels, half-open: it holds the points with X0 &lt;= x &lt; X1 and Y0 &lt;= y &lt; Y1.
/// The pixel in column c and row r covers [c, c + 1) x [r, r + 1), so a box around that one pixel is (c, r, c + 1, r + 1).
/// </summary>
/// <param name="X0">Left border, inside.</param>
/// <param name="Y0">Upper border, inside.</param>
/// <param name="X1">Right border, outside.</param>
/// <param name="Y1">Lower border, outside.</param>
public readonly record struct BoundingBox(float X0, float Y0, float X1, float Y1)
{
    /// <summary>X1 - X0; negative where the borders are swapped.</summary>
    public float Width => X1 - X0;

    /// <summary>Y1 - Y0; negative where the borders are swapped.</summary>
    public float Height => Y1 - Y0;

    /// <summary>True where the box holds no point: a border is not to the right of (below) its counterpart, or is NaN.</summary>
    public bool IsEmpty => !(X1 > X0 && Y1 > Y0);

    /// <summary>Square pixels inside; 0 for an empty box.</summary>
    public float Area => IsEmpty ? 0 : Width * Height;

    /// <summary>The point half-way between the borders.</summary>
    public PixelPoint Center => new((X0 + X1) / 2, (Y0 + Y1) / 2);

    /// <summary>The points that both boxes hold; empty where they do not touch.</summary>
    public BoundingBox Intersect(BoundingBox other) =>
        new(Math.Max(X0, other.X0), Math.Max(Y0, other.Y0), Math.Min(X1, other.X1), Math.Min(Y1, other.Y1));

    /// <summary>The smallest box that holds both.</summary>
    public BoundingBox Enclose(BoundingBox other) =>
        new(Math.Min(X0, other.X0), Math.Min(Y0, other.Y0), Math.Max(X1, other.X1), Math.Max(Y1, other.Y1));

    /// <summary>Shared area over joint area, 0 to 1; 0 where either box is empty.</summary>
    public double IntersectionOverUnion(BoundingBox other)
    {
        float width = Math.Min(X1, other.X1) - Math.Max(X0, other.X0), height = Math.Min(Y1, other.Y1) - Math.Max(Y0, other.Y0);
        if (!(width > 0 && height > 0))
            return 0;
        double shared = width * height;
        return shared / ((double)Area + other.Area - shared);
    }

    /// <summary>The box with both sides <paramref name="factor"/> times as long, about the same centre.</summary>
    public BoundingBox Enlarge(float factor)
    {
        var (x, y) = Center;
        float halfWidth = Width * factor / 2, halfHeight = Height * factor / 2;
        return new(x - halfWidth, y - halfHeight, x + halfWidth, y + halfHeight);
    }

    /// <summary>The box with every border moved into an image of that size: 0 to width, 0 to height.</summary>
    public BoundingBox Clamp(int width, int height) => new(
        Math.Clamp(X0, 0, width), Math.Clamp(Y0, 0, height), Math.Clamp(X1, 0, width), Math.Clamp(Y1, 0, height));
}
