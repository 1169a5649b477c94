using System.Reflection;
using Microsoft.ML.Data;
using Microsoft.ML.TorchSharp.AutoFormerV2;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Tests.Pipeline;

/// <summary>
/// ML.NET's own transformer of detected objects, around a network that nobody has trained: its trainer begins with weights that
/// it downloads, and its constructor is not public. So its columns are the real ones.
/// </summary>
internal static class ObjectDetector
{
    public static readonly string[] Classes = ["blue", "green", "red"];

    private const BindingFlags Hidden = BindingFlags.NonPublic | BindingFlags.Instance;

    public static ObjectDetectionTransformer Create(MLContext context)
    {
        // Everything but the number of classes is as the trainer has it.
        var network = new AutoFormerV2(Classes.Length, [64, 128, 256, 448], [2, 2, 6, 2], [2, 4, 8, 14], CPU);
        var options = new ObjectDetectionTrainer.Options();
        typeof(ObjectDetectionTrainer.Options).GetField("NumberOfClasses", Hidden)!.SetValue(options, Classes.Length);
        return (ObjectDetectionTransformer)Activator.CreateInstance(typeof(ObjectDetectionTransformer), Hidden, null, [context, options, network, Labels()], null)!;
    }

    private static DataViewSchema.DetachedColumn Labels()
    {
        var annotations = new DataViewSchema.Annotations.Builder();
        annotations.Add("KeyValues", new VectorDataViewType(TextDataViewType.Instance, Classes.Length), (ref VBuffer<ReadOnlyMemory<char>> value) =>
            value = new(Classes.Length, [.. Classes.Select(name => name.AsMemory())]));
        return new("Label", new VectorDataViewType(new KeyDataViewType(typeof(uint), Classes.Length)), annotations.ToAnnotations());
    }
}
