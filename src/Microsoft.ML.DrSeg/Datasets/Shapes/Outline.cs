namespace Microsoft.ML.DrSeg.Datasets;

/// <summary>Shapes of annotation tools as polygons: x0 y0 x1 y1 ... in pixels.</summary>
internal static class Outline
{
    private const int CornersOfEllipse = 128;

    public static double[] Rectangle(double x0, double y0, double x1, double y1) => [x0, y0, x1, y0, x1, y1, x0, y1];

    public static double[] Ellipse(double x, double y, double radiusX, double radiusY)
    {
        double[] corners = new double[2 * CornersOfEllipse];
        for (int i = 0; i < CornersOfEllipse; i++)
            (corners[2 * i + 1], corners[2 * i]) = (y + radiusY * Math.Sin(2 * Math.PI * i / CornersOfEllipse), x + radiusX * Math.Cos(2 * Math.PI * i / CornersOfEllipse));
        return corners;
    }

    /// <summary>Turns a polygon clockwise, as seen with y downwards, about a point.</summary>
    public static double[] Turned(double[] corners, double degrees, double x, double y)
    {
        (double sine, double cosine) = Math.SinCos(degrees * Math.PI / 180);
        double[] turned = new double[corners.Length];
        for (int i = 0; i < corners.Length; i += 2)
        {
            double right = corners[i] - x, down = corners[i + 1] - y;
            (turned[i], turned[i + 1]) = (x + cosine * right - sine * down, y + sine * right + cosine * down);
        }
        return turned;
    }
}
