using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.Models;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Tests.OwnModel;

/// <summary>Prompts of a <see cref="TextPolicy"/>: ragged, one sentence is longer than another.</summary>
internal sealed class TextPromptBatch : PromptBatch
{
    private const int Channels = 3;

    // The grey that things stand before is about 0, so that an empty quarter says little.
    private const float Grey = 64;

    private readonly Tensor[] _words;
    private readonly Tensor _colours;

    public TextPromptBatch(IReadOnlyList<PolicyPrompt> prompts, Device device)
        : this(prompts, [.. prompts.Select(prompt => tensor(Sentences.Encode(prompt.Query)).to(device))], tensor([.. prompts.SelectMany(prompt => MeanColours(prompt.View))], [prompts.Count, AnswerPieces.Quarters, Features]).to(device))
    {
    }

    private TextPromptBatch(IReadOnlyList<PolicyPrompt> prompts, Tensor[] words, Tensor colours) : base(prompts) =>
        (_words, _colours) = (Array.ConvertAll(words, own => own.DetachFromDisposeScope()), colours.DetachFromDisposeScope());

    /// <summary>Numbers a quarter: its mean red, green and blue, about 0 for grey, and 1.</summary>
    public const int Features = Channels + 1;

    /// <summary>The words of a prompt, as many as it has.</summary>
    public Tensor Words(int prompt) => _words[prompt];

    /// <summary>What a prompt shows, [quarters, <see cref="Features"/>].</summary>
    public Tensor Colours(int prompt) => _colours.select(0, prompt);

    public override PromptBatch Subset(IReadOnlyList<int> indices)
    {
        using var scope = NewDisposeScope();
        return new TextPromptBatch(
            [.. indices.Select(index => Prompts[index])], [.. indices.Select(index => _words[index].clone())],
            _colours.index_select(0, tensor([.. indices.Select(index => (long)index)], [indices.Count]).to(_colours.device)));
    }

    public override void Dispose()
    {
        foreach (Tensor own in _words) own.Dispose();
        _colours.Dispose();
    }

    // Of the pixels of each quarter that lie in the image; black where there is none.
    private static float[] MeanColours(ImageView view)
    {
        (RgbImage image, BoundingBox region, _) = view;
        var features = new float[AnswerPieces.Quarters * Features];
        var counts = new int[AnswerPieces.Quarters];
        PixelPoint center = region.Center;
        for (int y = (int)Math.Max(0, region.Y0); y < Math.Min(image.Height, region.Y1); y++)
            for (int x = (int)Math.Max(0, region.X0); x < Math.Min(image.Width, region.X1); x++)
            {
                int quarter = (x + 0.5f < center.X ? 0 : 1) + (y + 0.5f < center.Y ? 0 : 2);
                counts[quarter]++;
                for (int channel = 0; channel < Channels; channel++)
                    features[quarter * Features + channel] += image.Pixels[Channels * (y * image.Width + x) + channel] / Grey - 1;
            }
        for (int i = 0; i < features.Length; i++)
            features[i] = i % Features == Channels ? 1 : features[i] / Math.Max(1, counts[i / Features]);
        return features;
    }
}
