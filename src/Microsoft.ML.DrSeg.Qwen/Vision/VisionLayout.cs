using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>
/// Where the patches of some images lie. Patches come token by token: the rows of the square that becomes a token follow each
/// other, tokens row by row. A tower with windows computes in the order of its windows and gives tokens back in the images' order.
/// </summary>
internal sealed class VisionLayout : IDisposable
{
    private readonly int _patchesPerToken;

    // Null without windows.
    private readonly Tensor? _windowOrder, _imageOrder;
    private readonly AttentionSegments? _windows;
    private readonly AttentionSegments _images;

    /// <exception cref="ArgumentException">A grid is empty or not made of whole tokens.</exception>
    public VisionLayout(VisionShape shape, IReadOnlyList<PatchGrid> grids, Device device)
    {
        using var scope = NewDisposeScope();
        if (grids.Count == 0 || grids.Any(grid => grid.Rows < 1 || grid.Columns < 1 || grid.Rows % shape.MergeSize != 0 || grid.Columns % shape.MergeSize != 0))
            throw new ArgumentException($"Images of {string.Join(", ", grids.Select(grid => $"{grid.Rows} by {grid.Columns}"))} patches; expected at least one, and multiples of {shape.MergeSize}.", nameof(grids));
        _patchesPerToken = shape.MergeSize * shape.MergeSize;
        _images = new AttentionSegments([.. grids.Select(grid => grid.Patches)], device);
        Patches = PatchPlace.Of(grids, shape.MergeSize);
        Tensor rows = tensor(Patches.Select(patch => (float)patch.Row).ToArray(), device: device);
        Tensor columns = tensor(Patches.Select(patch => (float)patch.Column).ToArray(), device: device);
        if (shape.WindowSize > 0)
        {
            var order = WindowOrder.Of(grids.Select(grid => grid.Merged(shape.MergeSize)), shape.WindowSize / shape.Factor);
            _windowOrder = tensor(order.Tokens, device: device).DetachFromDisposeScope();
            _imageOrder = _windowOrder.argsort().DetachFromDisposeScope();
            _windows = new AttentionSegments([.. order.Lengths.Select(tokens => tokens * _patchesPerToken)], device);
            (rows, columns) = (InWindowOrder(rows), InWindowOrder(columns));
        }
        Rotation = new VisionRotation(rows, columns, shape.HiddenSize / shape.Heads);
    }

    /// <summary>The patches in the order in which they come.</summary>
    public PatchPlace[] Patches { get; }

    public VisionRotation Rotation { get; }

    /// <summary>What a patch attends to.</summary>
    /// <param name="wholeImage">Whether to the whole image where there are windows.</param>
    public AttentionSegments Segments(bool wholeImage) => wholeImage || _windows is null ? _images : _windows;

    /// <summary>What there is per patch, from the images' order into that of the windows.</summary>
    public Tensor InWindowOrder(Tensor patches) => _windowOrder is null ? patches
        : patches.reshape([-1, _patchesPerToken, .. patches.shape[1..]]).index_select(0, _windowOrder).reshape(patches.shape);

    /// <summary>What there is per token, from the windows' order into that of the images.</summary>
    public Tensor InImageOrder(Tensor tokens) => _imageOrder is null ? tokens : tokens.index_select(0, _imageOrder);

    public void Dispose()
    {
        _windowOrder?.Dispose();
        _imageOrder?.Dispose();
        _windows?.Dispose();
        _images.Dispose();
        Rotation.Dispose();
    }
}
