using System.Text.Json;
using Microsoft.ML.DrSeg.Tests;
using NUnit.Framework;
using static Microsoft.ML.DrSeg.Qwen.Tests.Sam2Reference;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Qwen.Tests;

/// <summary>Weights of either layout, their names and sizes, and what is said where something is wrong with them.</summary>
public class Sam2FilesTests
{
    /// <summary>Tensors of zeros that are changed at will.</summary>
    private sealed class MadeUp(Dictionary<string, long[]> shapes) : ITensorSource
    {
        public string Source => "made up";

        public IReadOnlyDictionary<string, long[]> Shapes => shapes;

        public Tensor Read(string name, ScalarType? type, Device device) => zeros(shapes[name], type, device);
    }

    private static Dictionary<string, long[]> Facebook() =>
        Json.GetProperty("facebook's names and shapes").EnumerateObject().ToDictionary(tensor => tensor.Name, tensor => tensor.Value.EnumerateArray().Select(size => size.GetInt64()).ToArray());

    private static string Refused(Action<Dictionary<string, long[]>> change)
    {
        Dictionary<string, long[]> shapes = Facebook();
        change(shapes);
        return Assert.Throws<InvalidDataException>(() => Sam2Weights.Read(new MadeUp(shapes), Shape, ScalarType.Float32, CPU).Dispose())!.Message;
    }

    [Test]
    public void BothLayoutsGiveTheSameTensors()
    {
        using Sam2Weights transformers = ReadWeights(), facebook = ReadWeights(FacebookWeights);
        Assert.That(facebook.Tensors.Keys, Is.EquivalentTo(transformers.Tensors.Keys));
        foreach ((string name, Tensor weight) in transformers.Tensors)
            Assert.That(Values(facebook.Tensors[name]), Is.EqualTo(Values(weight)), name);
    }

    [Test]
    public void TheListOfTensorsIsFacebooks() => Assert.That(Facebook().Values.Sum(shape => shape.Aggregate(1L, (product, size) => product * size)),
        Is.EqualTo(Sam2TensorShapes.Of(Shape).Values.Sum(shape => shape.Aggregate(1L, (product, size) => product * size))));

    [Test]
    public void MissingUnknownAndMisshapenTensorsAreNamed()
    {
        Assert.That(Refused(shapes => shapes.Remove("sam_mask_decoder.iou_token.weight")), Does.Contain("made up").And.Contains("lacks mask_decoder.iou_token.weight"));
        Assert.That(Refused(shapes => shapes.Add("sam_mask_decoder.extra", [3])), Does.Contain("unknown").And.Contains("mask_decoder.extra"));
        Assert.That(Refused(shapes => shapes["no_mem_embed"] = [1, 1, 31]), Does.Contain("no_memory_embedding [1, 1, 31] instead of [1, 1, 32]"));
        Assert.That(Refused(shapes => shapes.Remove("sam_prompt_encoder.point_embeddings.2.weight")), Does.Contain("point_embed.weight [3, 32] instead of [4, 32]"));
        Assert.That(Refused(shapes => shapes["sam_prompt_encoder.point_embeddings.2.weight"] = []), Does.Contain("point_embed.weight [0] instead of [4, 32]"));
        Assert.That(Refused(shapes => shapes.Add("mask_decoder.iou_token.weight", [1, 32])), Does.Contain("'mask_decoder.iou_token.weight' and 'sam_mask_decoder.iou_token.weight', which are the same"));
        Assert.That(Refused(shapes =>
        {
            foreach (string name in shapes.Keys.Where(name => name.Contains("trunk.blocks.3")).ToArray()) shapes.Remove(name);
        }), Does.Contain("and 9 more"));
    }

    [Test]
    public void WhatOnlyVideosNeedIsPassedOver()
    {
        Dictionary<string, long[]> shapes = Facebook();
        foreach (string name in new[] { "memory_attention.layers.0.norm1.weight", "memory_encoder.fuser.x", "mask_downsample.weight", "obj_ptr_proj.layers.0.weight", "obj_ptr_tpos_proj.weight", "maskmem_tpos_enc", "no_mem_pos_enc", "no_obj_ptr", "no_obj_embed_spatial" })
            shapes.Add(name, [2]);
        Assert.That(() => Sam2Weights.Read(new MadeUp(shapes), Shape, ScalarType.Float32, CPU).Dispose(), Throws.Nothing);
    }

    [Test]
    public void EitherCopyOfTheMatrixOfPositionsIsEnough([Values] bool shared)
    {
        var shapes = Sam2TensorShapes.Of(Shape).ToDictionary(tensor => tensor.Key, tensor => tensor.Value);
        if (shared && shapes.Remove(Sam2Tensors.Gaussian, out long[]? shape)) shapes.Add("shared_image_embedding.positional_embedding", shape);
        Assert.That(() => Sam2Weights.Read(new MadeUp(shapes), Shape, ScalarType.Float32, CPU).Dispose(), Throws.Nothing);
    }

    [Test]
    public void ValuesThatAreNotFiniteAreNamed()
    {
        using var good = SafetensorsFolder.Open(Reference.PathOf(Weights));
        var source = new Poisoned(good, "mask_decoder.conv_s1.bias");
        var error = Assert.Throws<InvalidDataException>(() => Sam2Weights.Read(source, Shape, ScalarType.Float32, CPU));
        Assert.That(error!.Message, Does.Contain("mask_decoder.conv_s1.bias").And.Contains("not finite"));
    }

    private sealed class Poisoned(ITensorSource good, string bad) : ITensorSource
    {
        public string Source => good.Source;

        public IReadOnlyDictionary<string, long[]> Shapes => good.Shapes;

        public Tensor Read(string name, ScalarType? type, Device device) => name == bad ? good.Read(name, type, device) / 0 : good.Read(name, type, device);
    }

    [Test]
    public void ThePublishedSizesAreRecognised()
    {
        // Parameters of the image path alone; the whole models have 38.9, 46, 80.8 and 224.4 million.
        var smaller = new List<double>();
        foreach (Sam2Shape shape in new[] { Sam2Shape.Tiny, Sam2Shape.Small, Sam2Shape.BasePlus, Sam2Shape.Large })
        {
            IReadOnlyDictionary<string, long[]> shapes = Sam2TensorShapes.Of(shape);
            Assert.That(Sam2Shape.Recognise(new Sam2Tensors(new MadeUp(shapes.ToDictionary()))), Is.SameAs(shape));
            smaller.Add(shapes.Values.Sum(sizes => sizes.Aggregate(1.0, (product, size) => product * size)) / 1e6);
        }
        // All four have the same memory, so what is left out is the same.
        double[] whole = [38.9, 46, 80.8, 224.4], missing = [.. whole.Zip(smaller, (all, image) => all - image)];
        Assert.That(missing, Is.All.EqualTo(missing[0]).Within(0.2));
        Assert.That(missing[0], Is.InRange(5, 10));
    }

    [Test]
    public void AnotherSizeNeedsAConfig()
    {
        var error = Assert.Throws<InvalidDataException>(() => Sam2Files.Open(Reference.PathOf(FacebookWeights)));
        Assert.That(error!.Message, Does.Contain(FacebookWeights).And.Contains("8 wide and has 8 blocks").And.Contains("144 and 48 (large)"));
    }

    [Test]
    public void AFolderAndItsFileGiveTheSizesOfItsConfig()
    {
        using var folder = new TemporaryFolder();
        WriteFolder(folder.Path);
        foreach (string path in new[] { folder.Path, folder.File("model.safetensors") })
        {
            (ITensorSource source, Sam2Shape shape) = Sam2Files.Open(path);
            using (source as IDisposable)
                Assert.That((shape.ImageSide, shape.Width, string.Join(" ", shape.Windows), string.Join(" ", shape.GlobalBlocks), shape.DecoderHeads), Is.EqualTo((128, 8, "8 4 14 7", "4", 4)));
        }
    }

    [Test]
    public void WhereThereIsNothingTheMessageSaysWhatToGive()
    {
        using var folder = new TemporaryFolder();
        Assert.That(() => Sam2Files.Open(folder.File("nowhere")), Throws.InstanceOf<FileNotFoundException>().With.Message.Contains("config.json"));
        Assert.That(() => Sam2Files.Open(folder.Path), Throws.InstanceOf<FileNotFoundException>().With.Message.Contains(".pt"));
        File.WriteAllText(folder.File("a.pt"), "");
        File.WriteAllText(folder.File("b.pt"), "");
        Assert.That(() => Sam2Files.Open(folder.Path), Throws.InstanceOf<FileNotFoundException>().With.Message.Contains("2 .pt files"));
    }

    [TestCase("""{"model_type":"sam"}""", "'sam'")]
    [TestCase("""[]""", "no object")]
    [TestCase("""{"model_type":"sam2","vision_config":{"backbone_config":{"blocks_per_stage":[1,2,2000,1]}}}""", "256")]
    [TestCase("""{"model_type":"sam2","vision_config":{"backbone_config":{"blocks_per_stage":[1,2]}}}""", "4 numbers")]
    [TestCase("""{"model_type":"sam2","vision_config":{"backbone_config":{"hidden_size":100}}}""", "embed_dim_per_stage")]
    [TestCase("""{"model_type":"sam2","vision_config":{"backbone_config":{"num_attention_heads_per_stage":[1,2,5,8]}}}""", "heads")]
    [TestCase("""{"model_type":"sam2","vision_config":{"backbone_config":{"global_attention_blocks":[12]}}}""", "global blocks")]
    [TestCase("""{"model_type":"sam2","vision_config":{"backbone_config":{"window_positional_embedding_background_size":[7,8]}}}""", "[7,8]")]
    [TestCase("""{"model_type":"sam2","vision_config":{"backbone_config":{"window_size_per_stage":[7,4,14,7]}}}""", "even")]
    [TestCase("""{"model_type":"sam2","prompt_encoder_config":{"image_size":1000}}""", "1000")]
    [TestCase("""{"model_type":"sam2","vision_config":{"fpn_hidden_size":1.5}}""", "vision_config.fpn_hidden_size as 1.5")]
    [TestCase("""{"model_type":"sam2" """, "no JSON")]
    public void AConfigThatFitsNoNetworkIsRefused(string json, string said)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("config.json"), json);
        Assert.That(() => Sam2Config.Read(folder.File("config.json")), Throws.InstanceOf<InvalidDataException>().With.Message.Contains(said).And.Message.Contains("config.json"));
    }

    [Test]
    public void FieldsThatAreMissingAreThoseOfTheTinyModel([Values("sam2", "sam2_video")] string type)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("config.json"), $$"""{"model_type":"{{type}}","num_maskmem":7}""");
        Assert.That(JsonSerializer.Serialize(Sam2Config.Read(folder.File("config.json"))), Is.EqualTo(JsonSerializer.Serialize(Sam2Shape.Tiny)));
    }

    [Test]
    public void LoadingTellsHowFarItIsAndStops()
    {
        using var folder = new TemporaryFolder();
        WriteFolder(folder.Path);
        using var stop = new CancellationTokenSource();
        var shares = new List<double>();
        var progress = new Told<double>(share =>
        {
            shares.Add(share);
            if (share > .5) stop.Cancel();
        });
        Assert.That(() => Sam2Segmenter.Load(folder.Path, progress: progress, cancellationToken: stop.Token), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(shares, Is.Ordered.And.All.InRange(0, .51));
        shares.Clear();
        Sam2Segmenter.Load(folder.Path, progress: new Told<double>(shares.Add)).Dispose();
        Assert.That(shares[^1], Is.EqualTo(1));
    }
}
