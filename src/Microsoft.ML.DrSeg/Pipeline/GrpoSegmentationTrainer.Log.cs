using System.Globalization;
using Microsoft.ML.DrSeg.Training;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.DrSeg.Pipeline;

public sealed partial class GrpoSegmentationTrainer
{
    // What happens goes to whom the options name and, in words, to the log of the context.
    private GrpoRunEvents Told(IChannel channel) => new()
    {
        Resumed = step => channel.Info(MessageSensitivity.None, $"Resumed after step {step} of {_options.Training.Steps} from '{_options.Training.Run!.Folder}'."),
        Stepped = metrics =>
        {
            _options.Progress?.Report(metrics);
            if (_options.LogEveryNSteps > 0 && (metrics.Step % _options.LogEveryNSteps == 0 || metrics.Step == metrics.Steps))
                channel.Info(MessageSensitivity.None, Line(metrics));
        },
        Validated = metrics =>
        {
            channel.Info(MessageSensitivity.None, Line(metrics));
            _options.ValidationProgress?.Report(metrics);
        },
        Warned = what => channel.Warning(MessageSensitivity.None, what),
    };

    private static string Line(GrpoStepMetrics metrics)
    {
        IEnumerable<string> figures = metrics.ToDictionary().Select(figure => string.Create(CultureInfo.InvariantCulture, $"{figure.Key} {figure.Value:0.####}"));
        return string.Create(CultureInfo.InvariantCulture, $"Step {metrics.Step} of {metrics.Steps}: {string.Join(", ", figures)}");
    }

    private static string Line(ValidationMetrics metrics) => string.Create(CultureInfo.InvariantCulture,
        $"Validation after step {metrics.Step}: gIoU {metrics.GeneralizedIoU:0.####}, mIoU {metrics.MeanIoU:0.####}, failed {metrics.FailedShare:0.####}, count right {metrics.CountAccuracy:0.####}{(metrics.AbsentAccuracy is { } absent ? string.Create(CultureInfo.InvariantCulture, $", absent right {absent:0.####}") : "")}, {metrics.Queries} rows{(metrics.IsBest ? ", the best so far" : "")}");
}
