using System.Buffers.Binary;
using System.Xml.Linq;
using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.Models;
using Microsoft.ML.DrSeg.Training;
using NUnit.Framework;
using Tensorboard;
using static Microsoft.ML.DrSeg.Tests.Training.Runs.RunTestBench;

namespace Microsoft.ML.DrSeg.Tests.Training.Runs;

/// <summary>What a run leaves to look at: log, TensorBoard events, pictures, report.</summary>
public class RunRecordsTests
{
    private TemporaryFolder _folder = null!;

    [OneTimeSetUp]
    public void Train()
    {
        _folder = new TemporaryFolder();
        using DrSegModel model = TinyModel.Trained();
        Fit(Options(model, _folder.Path, options => options.Write(run => run with { SampleEveryNSteps = 3, TensorBoard = true })));
    }

    [OneTimeTearDown]
    public void Remove() => _folder.Dispose();

    [Test]
    public void TheLogHoldsEveryFigureOfEveryStep()
    {
        IReadOnlyList<RunLogLine> lines = RunLog.Read(_folder.File("log.jsonl"));
        GrpoStepMetrics[] steps = [.. lines.Select(line => line.Step).OfType<GrpoStepMetrics>()];
        Assert.That(steps.Select(step => step.Step), Is.EqualTo(Enumerable.Range(1, Steps)));
        foreach (GrpoStepMetrics step in steps)
        {
            StepTiming time = step.Timing;
            Assert.That(new[] { time.Prompt, time.Sampling, time.Segmentation, time.Rewards, time.Update }, Is.All.GreaterThan(0));
            Assert.That(time.LookToConfirm, Is.Zero);
            Assert.That(time.Prompt + time.Sampling + time.Segmentation + time.Rewards + time.Update, Is.LessThanOrEqualTo(time.Total));
            Assert.That(step.ToDictionary().Values, Has.All.Not.NaN);
        }
        Assert.That(lines[0].Start!.Course["Seed"], Is.EqualTo("1"));
        Assert.That(lines[^1].End!.Outcome, Is.EqualTo("finished"));
    }

    [Test]
    public void APictureShowsAnswersWithTheirFigures()
    {
        SampleSheetLine[] sheets = [.. RunLog.Read(_folder.File("log.jsonl")).Select(line => line.Samples).OfType<SampleSheetLine>()];
        Assert.That(sheets.Select(sheet => sheet.Step), Is.EqualTo(new[] { 3, 6 }));
        Assert.That(sheets[0].Answers, Has.Count.EqualTo(3 * 4));
        foreach (SampledAnswer answer in sheets[0].Answers)
        {
            bool failed = answer.Answer.StartsWith("no answer", StringComparison.Ordinal);
            Assert.That(answer.Confidence is null, Is.EqualTo(failed));
            Assert.That(answer.Reward, Is.EqualTo((float)answer.MaskIoU).Within(1e-6), "the plain reward is the IoU");
        }
        var picture = RgbImage.Load(_folder.File(sheets[0].File));
        Assert.That((picture.Width, picture.Height), Is.EqualTo((4 * 164, 3 * 178)), "three queries by four answers");
        foreach ((SampledAnswer answer, int tile) in sheets[0].Answers.Select((answer, tile) => (answer, tile)))
        {
            var bar = picture.Pixels.AsSpan(3 * ((tile / 4 * 178 + 163) * picture.Width + tile % 4 * 164), 3 * 160).ToArray().Chunk(3);
            Assert.That(bar.Count(pixel => pixel is [60, 200, 90]), Is.EqualTo((int)Math.Round(answer.Reward * 160)), "a bar as long as the reward is high");
        }
        Assert.That(picture.Pixels.Distinct().Count(), Is.GreaterThan(20));
    }

    [Test]
    public void TheReportIsWellFormedAndSaysHowItEnded()
    {
        string html = File.ReadAllText(_folder.File("report.html"));
        Assert.That(() => XDocument.Parse(html), Throws.Nothing);
        Assert.That(html, Does.Contain("finished, 6 of 6 steps").And.Contains("look-to-confirm").And.Contains("step 6: "));
    }

    [Test]
    public void ARunningRunsReportSaysSo()
    {
        using var running = new TemporaryFolder();
        using DrSegModel model = TinyModel.Trained();
        string html = "";
        Fit(Options(model, running.Path, options => options.Progress = new Told<GrpoStepMetrics>(metrics =>
        {
            if (metrics.Step == 3) html = File.ReadAllText(TrainingReport.Write(running.Path));
        })));
        Assert.That(html, Does.Contain("still running, 2 of 6 steps"));
    }

    [Test]
    public void AFolderWithoutARunIsNamed() =>
        Assert.That(() => TrainingReport.Write(_folder.File("elsewhere")), Throws.TypeOf<FileNotFoundException>().With.Message.Contains("elsewhere"));

    [Test]
    public void ADamagedLineIsNamed()
    {
        using var damaged = new TemporaryFolder();
        File.WriteAllLines(damaged.File("log.jsonl"), [.. File.ReadLines(_folder.File("log.jsonl")).Take(2), "{\"step\": 7}", "{}"]);
        Assert.That(() => TrainingReport.Write(damaged.Path), Throws.TypeOf<InvalidDataException>().With.Message.Contains("log.jsonl', line 3"));
    }

    /// <summary>Framing and checksums are read by hand, after the format's description; the messages by classes generated from theirs.</summary>
    [Test]
    public void TensorBoardFindsTheFigures()
    {
        string[] files = [.. Directory.EnumerateFiles(_folder.Path, "events.out.tfevents.*")];
        Assert.That(files, Has.Length.EqualTo(1));
        Event[] events = [.. Events(File.ReadAllBytes(files[0]))];
        Assert.That(events.Select(one => one.WallTime), Is.Ordered.And.All.GreaterThan(1.7e9));
        Assert.That(events[0].FileVersion, Is.EqualTo("brain.Event:2"));
        Assert.That((events[1].SessionLog.Status, events[1].Step), Is.EqualTo((SessionLog.Types.SessionStatus.Start, 1L)));
        GrpoStepMetrics[] steps = [.. RunLog.Read(_folder.File("log.jsonl")).Select(line => line.Step).OfType<GrpoStepMetrics>()];
        Assert.That(events.Skip(2).Select(one => one.Step), Is.EqualTo(steps.Select(step => (long)step.Step)));
        for (int i = 0; i < steps.Length; i++)
        {
            var values = events[i + 2].Summary.Value.ToDictionary(value => value.Tag, value => value.SimpleValue);
            Assert.That(values["train/reward"], Is.EqualTo((float)steps[i].Reward));
            Assert.That(values, Has.Count.EqualTo(steps[i].ToDictionary().Count));
        }
    }

    [Test]
    public void TheChecksumIsCastagnolis()
    {
        // RFC 3720, section B.4: 32 bytes of zeros have the CRC-32C aa 36 91 8a (least significant first).
        Assert.That(Castagnoli(new byte[32]), Is.EqualTo(0x8a9136aau));
    }

    private static IEnumerable<Event> Events(byte[] bytes)
    {
        for (int at = 0; at < bytes.Length;)
        {
            int length = (int)BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(at));
            Assert.That(BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at + 8)), Is.EqualTo(Masked(bytes.AsSpan(at, 8))));
            Assert.That(BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at + 12 + length)), Is.EqualTo(Masked(bytes.AsSpan(at + 12, length))));
            yield return Event.Parser.ParseFrom(bytes, at + 12, length);
            at += length + 16;
        }
    }

    private static uint Masked(ReadOnlySpan<byte> bytes)
    {
        uint crc = Castagnoli(bytes);
        return unchecked(((crc >> 15) | (crc << 17)) + 0xa282ead8);
    }

    // Bit by bit, from the polynomial.
    private static uint Castagnoli(ReadOnlySpan<byte> bytes)
    {
        uint crc = ~0u;
        foreach (byte value in bytes)
        {
            crc ^= value;
            for (int bit = 0; bit < 8; bit++) crc = (crc & 1) != 0 ? (crc >> 1) ^ 0x82F63B78 : crc >> 1;
        }
        return ~crc;
    }
}
