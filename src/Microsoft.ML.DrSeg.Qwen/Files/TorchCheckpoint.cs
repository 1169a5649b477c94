using System.IO.Compression;
using System.Text;
using Microsoft.ML.DrSeg.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>
/// A file of torch.save (.pt, .pth): a zip with <c>data.pkl</c>, which says what the tensors are, and <c>data/KEY</c>, their
/// numbers. Read without Python and without executing anything: <see cref="TorchPickle"/>.
/// Form: https://github.com/pytorch/pytorch/blob/main/torch/serialization.py.
/// </summary>
internal sealed class TorchCheckpoint : ITensorSource, IDisposable
{
    private const string PickleName = "data.pkl";

    // That of SAM 2's large model has a quarter of a megabyte.
    private const long LongestPickle = 16 << 20;

    private readonly FileStream _file;
    private readonly ZipArchive _zip;
    private readonly string _folder;
    private readonly Dictionary<string, PickledTensor> _tensors;

    /// <summary>Opens a file and reads what tensors it holds.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="FileNotFoundException">There is none.</exception>
    /// <exception cref="InvalidDataException">It is no such file, is damaged, or holds something else than tensors.</exception>
    public TorchCheckpoint(string path)
    {
        Source = path;
        _file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        try
        {
            RequireZip();
            _zip = Archive.Open(_file);
            ZipArchiveEntry pickle = _zip.Entries.SingleOrDefault(entry => entry.FullName == PickleName || entry.FullName.EndsWith("/" + PickleName, StringComparison.Ordinal))
                ?? throw new InvalidDataException($"It has no entry '{PickleName}'.");
            _folder = pickle.FullName[..^PickleName.Length];
            RequireLittleEndian();
            if (pickle.Length > LongestPickle)
                throw new InvalidDataException($"Its list of tensors '{pickle.FullName}' would be {pickle.Length:N0} bytes long; no checkpoint has more than {LongestPickle:N0}.");
            _tensors = TorchPickle.Read(Archive.Read(_zip, pickle.FullName));
            Shapes = _tensors.ToDictionary(tensor => tensor.Key, tensor => tensor.Value.Shape);
        }
        catch (Exception error) when (error is InvalidDataException or InvalidOperationException or EndOfStreamException)
        {
            Dispose();
            throw Unreadable(error);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public string Source { get; }

    public IReadOnlyDictionary<string, long[]> Shapes { get; }

    public Tensor Read(string name, ScalarType? type, Device device)
    {
        if (!_tensors.TryGetValue(name, out PickledTensor? stored))
            throw new InvalidDataException($"'{Source}' has no tensor '{name}'.");
        byte[] bytes;
        try
        {
            bytes = Archive.Read(_zip, $"{_folder}data/{stored.Storage.Key}");
        }
        catch (Exception error) when (error is InvalidDataException or EndOfStreamException)
        {
            throw new InvalidDataException($"The tensor '{name}' of '{Source}' cannot be read: {error.Message}", error);
        }
        (_, ScalarType storedType, long length) = stored.Storage;
        if (bytes.LongLength % storedType.ElementSize() != 0 || bytes.LongLength / storedType.ElementSize() != length)
            throw new InvalidDataException($"The tensor '{name}' of '{Source}' lies in a storage of {length:N0} numbers, whose file holds {bytes.Length:N0} bytes.");
        using var scope = NewDisposeScope();
        Tensor numbers = empty([length], storedType);
        if (bytes.Length > 0)
            numbers.bytes = bytes;
        return numbers.as_strided(stored.Shape, stored.Strides, stored.Offset).to(type ?? storedType, device).clone().contiguous().MoveToOuterDisposeScope();
    }

    public void Dispose()
    {
        _zip?.Dispose();
        _file.Dispose();
    }

    private void RequireZip()
    {
        Span<byte> start = stackalloc byte[4];
        if (_file.ReadAtLeast(start, 4, throwOnEndOfStream: false) < 4 || !start.SequenceEqual("PK\u0003\u0004"u8))
            throw new InvalidDataException("It is no zip file, which torch.save writes since PyTorch 1.6; an older file becomes one when it is loaded and saved again.");
        _file.Position = 0;
    }

    private void RequireLittleEndian()
    {
        string name = $"{_folder}byteorder";
        if (_zip.GetEntry(name) is not null && Encoding.ASCII.GetString(Archive.Read(_zip, name)) is var order && order != "little")
            throw new InvalidDataException($"Its numbers are in the byte order '{order}'; only 'little' is read.");
    }

    private InvalidDataException Unreadable(Exception error) => new($"'{Source}' cannot be read as a checkpoint of PyTorch: {error.Message}", error);
}
