using Microsoft.ML.DrSeg.Common;
using Microsoft.ML.DrSeg.Datasets;
using Microsoft.ML.DrSeg.Models;
using Microsoft.ML.DrSeg.Pipeline;
using Microsoft.ML.DrSeg.Qwen;
using Microsoft.ML.DrSeg.Scenes;
using Microsoft.ML.DrSeg.Training;

namespace Microsoft.ML.DrSeg.Tool;

/// <summary><c>drseg train</c>: trains a model by GRPO, with checkpoints, validation, log, pictures and a report.</summary>
internal static class TrainCommand
{
    private const string OptionsFile = "options.json", ModelFile = "model.drseg", AdapterFolder = "adapter";

    // The study tests on other scenes of the same split, by another seed.
    private const ulong ValidationSeed = 11;

    public static System.CommandLine.Command Create()
    {
        var settings = new SettingsOptions<TrainSettings>();
        var command = new System.CommandLine.Command("train", "Train a model by GRPO on composed scenes or on a data set; Ctrl-C stops after the step, and --resume goes on.");
        settings.AddTo(command);
        settings.Exclude(command, nameof(TrainSettings.Model), nameof(TrainSettings.Qwen));
        settings.Exclude(command, nameof(TrainSettings.ValidationData), nameof(TrainSettings.ValidationScenes));
        command.SetAction((arguments, cancellation) => Task.Run(() =>
        {
            IProcessGroup group = Ranks.Join(settings.Read(arguments).RankTimeLimit) ?? SingleProcess.Instance;
            // A run that goes on is told only what it was not told before; of many ranks, the first one has it.
            TrainSettings Read(string? written) => settings.Read(arguments, given => given.Training.Run is { Resume: true } run ? written ?? Path.Combine(run.Folder, OptionsFile) : null, TrainSettings.DefaultsOf);
            string known = settings.Read(arguments).Training.Run is { Resume: true } earlier ? Path.Combine(earlier.Folder, OptionsFile) : "";
            return Run(group.First(File.Exists(known)) ? group.FromFirst(known, Read) : Read(null), group, cancellation);
        }, CancellationToken.None));
        return command;
    }

    private static int Run(TrainSettings settings, IProcessGroup group, CancellationToken cancellation)
    {
        OptionReading.Require(settings);
        GrpoOptions training = settings.Training;
        RunOptions run = training.Run!;
        using DrSegModel model = ModelOnDevice.Load(settings.Model, settings.Qwen, settings.RealModel, settings.Gpu);
        var mlContext = new MLContext(training.Seed) { GpuDeviceId = settings.Gpu };
        SkippedRows? skipped = training.Sampling.SkipBadRows ? new() : null;
        SceneComposer? composer = settings.Data is null || (settings.ValidationData is null && settings.ValidationScenes > 0) ? SceneExamples.Composer() : null;
        DataSetQueries? queries = settings.Data is { } path ? new(path, ModelOnDevice.VocabularyOf(model), skipped, settings.Images) : null;
        IDataView rows = queries?.View()
            ?? mlContext.DrSeg().Data.ComposedScenes(composer!, SceneSplit.Train, (long)training.Steps * training.Sampling.QueriesPerStep, TrainingArm.SceneSeed(training.Seed));
        IDataView? validation = settings.ValidationData is { } held ? new DataSetQueries(held, ModelOnDevice.VocabularyOf(model), skipped).View()
            : settings.ValidationScenes > 0 ? mlContext.DrSeg().Data.ComposedScenes(composer!, SceneSplit.Tune, settings.ValidationScenes, ValidationSeed)
            : null;

        var options = settings.ToOptions(model.Threshold, validation);
        options.BaseModel = model;
        options.CancellationToken = cancellation;
        options.ProcessGroup = group;
        options.LogEveryNSteps = 0;
        using var display = new TrainingDisplay();
        options.Progress = display;
        options.ValidationProgress = display;
        // A folder that is refused stays as it is: what a run was told is written with its first step.
        display.Began += () => SettingsOptions<TrainSettings>.Save(
            settings with { Training = training with { Run = run with { Resume = false } } }, Path.Combine(run.Folder, OptionsFile));
        if (Ranks.IsFirst) mlContext.Log += (_, entry) => display.Log(entry);
        GrpoSegmentationTrainer trainer = mlContext.DrSeg().Trainers.GrpoSegmentation(options);
        using (GrpoSegmentationTransformer trained = Fit(() => Ranks.IsFirst ? display.Show(() => trainer.Fit(rows)) : trainer.Fit(rows)))
            if (Ranks.IsFirst) WriteDown(trained, run, queries);
        Ranks.Leave();
        return ExitCode.Done;
    }

    // Ranks stop together: whoever is first waits for the one that writes the checkpoint.
    private static GrpoSegmentationTransformer Fit(Func<GrpoSegmentationTransformer> fit)
    {
        try
        {
            return fit();
        }
        catch (OperationCanceledException)
        {
            Ranks.Leave();
            throw;
        }
    }

    private static void WriteDown(GrpoSegmentationTransformer trained, RunOptions run, DataSetQueries? queries)
    {
        string file = Path.Combine(run.Folder, ModelFile);
        trained.SaveDrSeg(file);
        Console.WriteLine($"Model: {Path.GetFullPath(file)}");
        if (trained.Model.Policy is QwenPolicy)
        {
            string adapter = Path.Combine(run.Folder, AdapterFolder);
            trained.Model.SaveAdapter(adapter);
            Console.WriteLine($"Adapter (peft): {Path.GetFullPath(adapter)}");
        }
        if (queries is not null) DataSetNotes.Print(queries.Data);
        Console.WriteLine($"Report: {Path.GetFullPath(TrainingReport.Write(run.Folder))}");
    }
}
