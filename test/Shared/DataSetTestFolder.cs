using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.Masks;

namespace Microsoft.ML.DrSeg.Tests;

/// <summary>A small data set on disk, file by file.</summary>
internal sealed class DataSetTestFolder : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public string Path => _folder.Path;

    public string this[string file] => System.IO.Path.Combine(Path, file);

    public string Write(string file, string text)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(this[file])!);
        File.WriteAllText(this[file], text);
        return this[file];
    }

    public string Write(string file, byte[] bytes)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(this[file])!);
        File.WriteAllBytes(this[file], bytes);
        return this[file];
    }

    public void Image(string file, int width, int height)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(this[file])!);
        new RgbImage(width, height).Save(this[file]);
    }

    public void Mask(string file, SegmentationMask mask)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(this[file])!);
        mask.SavePng(this[file]);
    }

    public void Labels(string file, int width, int height, params int[] labels)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(this[file])!);
        new LabelMap(width, height, labels).SaveGreyPng(this[file]);
    }

    public void Dispose() => _folder.Dispose();
}
