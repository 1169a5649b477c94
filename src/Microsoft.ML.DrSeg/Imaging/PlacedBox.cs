namespace Microsoft.ML.DrSeg.Imaging;

/// <summary>
/// A box as COCO writes it, in double precision: .1 and 10.1 in single precision are not 10 apart, which moves an IoU of exactly a
/// half below it.
/// </summary>
internal readonly record struct PlacedBox(double X, double Y, double Width, double Height)
{
    public double Area => Width * Height;

    public static implicit operator PlacedBox(BoundingBox box) =>
        box.IsEmpty ? new(box.X0, box.Y0, 0, 0) : new(box.X0, box.Y0, (double)box.X1 - box.X0, (double)box.Y1 - box.Y0);

    public static explicit operator BoundingBox(PlacedBox box) => new((float)box.X, (float)box.Y, (float)(box.X + box.Width), (float)(box.Y + box.Height));

    /// <summary>Pixels in both, rounded as pycocotools rounds (maskApi.c, <c>bbIou</c>).</summary>
    public double Shared(PlacedBox other)
    {
        double width = Math.Min(Width + X, other.Width + other.X) - Math.Max(X, other.X);
        double height = Math.Min(Height + Y, other.Height + other.Y) - Math.Max(Y, other.Y);
        return width > 0 && height > 0 ? width * height : 0;
    }
}
