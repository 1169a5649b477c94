using System.Text;
using System.Text.Json;
using Microsoft.ML.DrSeg.Datasets;
using Microsoft.ML.DrSeg.Models;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Tests.Datasets;

public class LargeJsonTests
{
    private DataSetTestFolder _folder = null!;

    [SetUp]
    public void MakeFolder() => _folder = new();

    [TearDown]
    public void RemoveFolder() => _folder.Dispose();

    // Records of all lengths, a few longer than the reading window, so that every kind of token is cut somewhere.
    [Test]
    public void RecordsAreFoundWholeWhereverTheWindowEnds()
    {
        var random = new Random(1);
        var text = new StringBuilder("\uFEFF{ \"skipped\" : [1, {\"a\": \"]}\"}, -1.5e3] ,\n \"records\":\t[");
        var expected = new List<string>();
        for (int i = 0; i < 3000; i++)
        {
            int filler = i % 1000 == 7 ? 400_000 : random.Next(600);
            string record = $$"""{"id" : {{i}}, "text": "{{new string('\u00e4', filler / 2)}}\"\\", "numbers": [{{string.Join(" , ", Enumerable.Range(0, random.Next(20)).Select(_ => random.NextDouble()))}}] }""";
            expected.Add(record);
            text.Append(i > 0 ? new string(' ', random.Next(3)) + ",\n" : "").Append(record);
        }
        text.Append("], \"after\": {\"x\": null}}  ");
        var file = new JsonRecordFile(_folder.Write("big.json", text.ToString()));
        var found = new List<(string Text, RecordPlace Place)>();
        file.Scan(new Dictionary<string, JsonRecordFile.Visitor> { ["records"] = (record, place) => found.Add((Encoding.UTF8.GetString(record), place)) });
        Assert.That(found.Select(one => one.Text), Is.EqualTo(expected));
        using var handle = file.Open();
        foreach (int i in new[] { 0, 7, 1007, 2999 })
            using (JsonDocument record = JsonRecordFile.Read(handle, found[i].Place))
                Assert.That(record.RootElement.GetRawText(), Is.EqualTo(expected[i]));
    }

    // 40,000 records over several windows; words in texts are left alone.
    [Test]
    public void NumbersThatAreNoneHideNoRecordBehindThem()
    {
        string[] values = ["1", "NaN", "-Infinity", "Infinity", "\"NaN \\\" Infinity\"", "-2.5"];
        string[] expected = [.. Enumerable.Range(0, 40_000).Select(i => $$"""{"id": {{i}}, "x": [{{values[i % 6]}}, {{values[i / 6 % 6]}}]}""")];
        var file = new JsonRecordFile(_folder.Write("none.json", "{\"records\": [" + string.Join(',', expected) + "]}"));
        var found = new List<RecordPlace>();
        file.Scan(new Dictionary<string, JsonRecordFile.Visitor> { ["records"] = (_, place) => found.Add(place) });
        byte[] bytes = File.ReadAllBytes(file.Path);
        Assert.That(found.Select(place => Encoding.UTF8.GetString(bytes, (int)place.Offset, place.Length)), Is.EqualTo(expected));
    }

    // What is allocated in all bounds what is held at once.
    [Test]
    public void AnIndexTakesLessThanAQuarterOfTheFile()
    {
        string path = _folder["lvis.json"];
        long size = LvisLikeFile.Write(path, images: 2_000, annotationsPerImage: 12);
        Assert.That(size, Is.GreaterThan(15_000_000));
        _ = Index(path); // compiles what the count is not about
        long before = GC.GetAllocatedBytesForCurrentThread();
        CocoIndex index = Index(path);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.That(index.ImageCount, Is.EqualTo(2_000));
        Assert.That(allocated, Is.LessThan(size / 4), $"{allocated} bytes for a file of {size}");

        // Rows are read one at a time.
        var data = new CocoInstances(path, _folder["images"], lvis: true);
        Assert.That(data.Read().Take(2_000).Sum(row => row.Objects.Count), Is.GreaterThanOrEqualTo(2_000));
    }

    private static CocoIndex Index(string path) => new(path, instances: true, new CocoInstances(path, ".", lvis: true));
}
