using Microsoft.ML.DrSeg.Imaging;

namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>What a training with a real model would meet, found out before it costs anything; see <see cref="QwenModel.Check"/>.</summary>
public sealed record QwenCheck
{
    /// <summary>Parameters of the visual language model, all of them frozen.</summary>
    public required long Parameters { get; init; }

    /// <summary>Rows that were looked at.</summary>
    public required int Rows { get; init; }

    /// <summary>Tokens of the prompts, their images' included.</summary>
    public required TokenCounts PromptTokens { get; init; }

    /// <summary>Tokens of the images.</summary>
    public required TokenCounts ImageTokens { get; init; }

    /// <summary>Tokens of answers that say the truth and think nothing, their ends included. A model's own answers are longer by what it thinks.</summary>
    public required TokenCounts AnswerTokens { get; init; }

    /// <summary>True objects, of all rows.</summary>
    public required int Objects { get; init; }

    /// <summary>Mean IoU of the true boxes with what comes back when they are written, split into tokens, read and brought back to the image; 1 but for rounding. 1 without objects.</summary>
    public required double MeanBoxIoU { get; init; }

    /// <summary>The least such IoU.</summary>
    public required double LeastBoxIoU { get; init; }

    /// <summary>Share of the points that still lie on their objects when they come back, 0 to 1, of objects with masks; 1 without any.</summary>
    public required double PointsOnObjects { get; init; }

    /// <summary>Rows that cannot be trained on as they are, or whose truth does not come back.</summary>
    public required int FailedRows { get; init; }

    /// <summary>What is wrong with each of the first of them: row, image file, and what to do.</summary>
    public required IReadOnlyList<string> Problems { get; init; }

    /// <summary>Why the data's boxes seem to count something else than pixels; null where nothing says so.</summary>
    public required string? FrameSuspicion { get; init; }

    /// <summary>What is trained; all else stays as it is.</summary>
    public required IReadOnlyList<TrainedPart> Trained { get; init; }

    /// <summary>Memory of a training step on a GPU, with the longest prompt found and answers as long as they may be.</summary>
    public required IReadOnlyList<MemoryStage> Memory { get; init; }

    /// <summary>The first rows as the model sees them.</summary>
    public required IReadOnlyList<ShownRow> Pictures { get; init; }

    /// <summary>The memory of all stages, in bytes.</summary>
    public long MemoryBytes => Memory.Sum(stage => stage.Bytes);
}

/// <summary>Numbers of tokens.</summary>
/// <param name="Mean">Their mean; 0 where there are none.</param>
/// <param name="Longest">The largest; 0 where there are none.</param>
public readonly record struct TokenCounts(double Mean, int Longest);

/// <summary>A part of a model that is trained.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Modules">The linear layers that it stands beside, as <c>self_attn.q_proj</c>; none for a part by itself.</param>
/// <param name="Parameters">How many numbers it has.</param>
public sealed record TrainedPart(string Name, IReadOnlyList<string> Modules, long Parameters);

/// <summary>Memory that training needs for something.</summary>
/// <param name="Name">What for.</param>
/// <param name="Bytes">How much, estimated.</param>
/// <param name="Knobs">Options that change it, by their names in <see cref="QwenModelOptions"/> and <see cref="Training.GrpoOptions"/>, or else in words; none where nothing does.</param>
public sealed record MemoryStage(string Name, long Bytes, IReadOnlyList<string> Knobs);

/// <summary>A row as the model sees it.</summary>
/// <param name="Query">What is asked for.</param>
/// <param name="Image">The image at the size that it is shown at, with the boxes and points of the truth as they come out of the text.</param>
public sealed record ShownRow(string Query, RgbImage Image);
