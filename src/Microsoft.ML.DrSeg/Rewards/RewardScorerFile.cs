using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.ML.DrSeg.Models;

namespace Microsoft.ML.DrSeg.Rewards;

/// <summary>The file of a <see cref="DistributionRankedRewardScorer"/>: JSON, whose shortest round-trip numbers are exact.</summary>
internal static class RewardScorerFile
{
    private const string Format = "Distribution-Ranked Reward scorer, version 1";

    private static readonly JsonSerializerOptions Json = new()
    {
        IncludeFields = true,
        Converters = { new JsonStringEnumConverter(allowIntegerValues: false) },
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectRequiredConstructorParameters = true,
    };

    private sealed record Content(string Format, DistributionRankedRewardEstimator.Options Options, Dictionary<RewardComponent, double[]> State);

    public static void Write(string path, DistributionRankedRewardEstimator.Options options, IReadOnlyDictionary<RewardComponent, double[]> state) =>
        AtomicFile.WriteText(path, JsonSerializer.Serialize(new Content(Format, options, new(state)), Json));

    public static DistributionRankedRewardScorer Read(string path)
    {
        try
        {
            var content = JsonSerializer.Deserialize<Content>(File.ReadAllText(path), Json);
            if (content is not { Format: Format, Options: not null, State: not null })
                throw new InvalidDataException($"'{path}' is not a '{Format}' file, but '{content?.Format}'.");
            return new(content.Options, content.State);
        }
        catch (Exception error) when (error is JsonException or ArgumentException)
        {
            throw new InvalidDataException($"'{path}' is not the file of a reward scorer, or damaged: {error.Message}", error);
        }
    }
}
