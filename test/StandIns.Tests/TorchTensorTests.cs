using NUnit.Framework;
using TorchSharp;
using static TorchSharp.torch;

namespace StandIns.Tests;

[TestFixture]
public class TorchTensorTests
{
    private DisposeScope? _scope;

    [SetUp]
    public void OpenScope() => _scope = NewDisposeScope();

    [TearDown]
    public void CloseScope() => _scope?.Dispose();

    private static float[] Floats(Tensor tensor) => tensor.to_type(ScalarType.Float32).data<float>().ToArray();

    [Test]
    public void Arrays_become_tensors_of_their_type_and_shape()
    {
        Assert.That(tensor(new float[] { 1, 2 }).dtype, Is.EqualTo(ScalarType.Float32));
        Assert.That(tensor(new double[,] { { 1, 2, 3 } }).shape, Is.EqualTo(new long[] { 1, 3 }));
        Assert.That(tensor(new long[,,] { { { 1 }, { 2 } } }).shape, Is.EqualTo(new long[] { 1, 2, 1 }));
        Assert.That(tensor(new int[] { 1, 2, 3, 4 }, [2, 2])[1, 0].item<int>(), Is.EqualTo(3));
        Assert.That(tensor(new byte[] { 255 }).dtype, Is.EqualTo(ScalarType.Byte));
        Assert.That(tensor(new[] { true, false }).data<bool>().ToArray(), Is.EqualTo(new[] { true, false }));
        Assert.That(tensor(new long[] { 1, 2 }, ScalarType.Float32)[1].item<float>(), Is.EqualTo(2f));
        Assert.That(tensor(new float[] { 1 }, requires_grad: true).requires_grad);
    }

    [Test]
    public void An_array_is_copied()
    {
        var array = new float[] { 1, 2 };
        var copy = tensor(array);
        array[0] = 9;
        Assert.That(copy[0].item<float>(), Is.EqualTo(1));
    }

    [Test]
    public void Factories_fill_and_count()
    {
        Assert.That(Floats(zeros(2, 1)), Is.EqualTo(new float[] { 0, 0 }));
        Assert.That(Floats(full(2, 2.5f)), Is.EqualTo(new[] { 2.5f, 2.5f }));
        Assert.That(full([1], 3).dtype, Is.EqualTo(ScalarType.Int32));
        Assert.That(arange(2, 11, 3).data<long>().ToArray(), Is.EqualTo(new long[] { 2, 5, 8 }));
        Assert.That(arange(0f, 1f, 0.25f).data<float>().ToArray(), Is.EqualTo(new[] { 0, 0.25f, 0.5f, 0.75f }));
        Assert.That(Floats(linspace(-1, 1, 3)), Is.EqualTo(new float[] { -1, 0, 1 }));
        Assert.That(Floats(eye(2)), Is.EqualTo(new float[] { 1, 0, 0, 1 }));
        Assert.That(empty(2, 3, 4).numel(), Is.EqualTo(24));
        Assert.That(full_like(zeros(2), 4).dtype, Is.EqualTo(ScalarType.Float32));
        Assert.That(empty_like(zeros(2), ScalarType.Int64).dtype, Is.EqualTo(ScalarType.Int64));
    }

    [Test]
    public void Strided_elements_are_read_and_written_in_row_major_order()
    {
        var transposed = arange(6, ScalarType.Int64).view(2, 3).t();
        var accessor = transposed.data<long>();
        Assert.That(accessor.ToArray(), Is.EqualTo(new long[] { 0, 3, 1, 4, 2, 5 }));
        Assert.That(accessor[2, 1], Is.EqualTo(5));
        Assert.That(accessor[-1, 0], Is.EqualTo(2));
        accessor[0, 1] = 30;
        Assert.That(transposed.data<long>().Take(2), Is.EqualTo(new long[] { 0, 30 }));
        accessor.CopyFrom([7, 8], 0, 4);
        Assert.That(transposed.data<long>().ToArray(), Is.EqualTo(new long[] { 0, 30, 1, 4, 7, 8 }));
        var part = new long[4];
        accessor.CopyTo(part, 1, 3);
        Assert.That(part, Is.EqualTo(new long[] { 0, 4, 7, 8 }));
        Assert.That(() => accessor[3, 0], Throws.InstanceOf<IndexOutOfRangeException>());
        Assert.That(() => accessor[0], Throws.ArgumentException);
    }

    [Test]
    public void Elements_outlive_their_tensor()
    {
        TorchSharp.Utils.TensorAccessor<float> elements;
        using (NewDisposeScope()) elements = (ones(3) * 2).data<float>();
        Assert.That(elements.ToArray(), Is.EqualTo(new[] { 2f, 2f, 2f }));
        elements.Dispose();
    }

    [Test]
    public void Bytes_are_the_memory()
    {
        var tensor = zeros(2, ScalarType.Int32);
        tensor.bytes[4] = 1;
        Assert.That(tensor.data<int>().ToArray(), Is.EqualTo(new[] { 0, 1 }));
        tensor.bytes = new byte[] { 2, 0, 0, 0, 3, 0, 0, 0 };
        Assert.That(tensor.data<int>().ToArray(), Is.EqualTo(new[] { 2, 3 }));
        Assert.That(() => tensor.bytes = new byte[3], Throws.ArgumentException);
    }

    [Test]
    public void Properties_describe_the_tensor()
    {
        var tensor = zeros(2, 3, 4).transpose(0, 1);
        Assert.That(tensor.shape, Is.EqualTo(new long[] { 3, 2, 4 }));
        Assert.That(tensor.size(), Is.EqualTo(tensor.shape));
        Assert.That((tensor.size(-1), tensor.stride(0), tensor.ndim, tensor.dim(), tensor.NumberOfElements, tensor.ElementSize), Is.EqualTo((4L, 4L, 3L, 3L, 24L, 4L)));
        Assert.That((tensor.is_contiguous(), tensor.is_floating_point(), tensor.is_cuda, tensor.device_type, tensor.device_index),
            Is.EqualTo((false, true, false, DeviceType.CPU, -1)));
        Assert.That(tensor.device.ToString(), Is.EqualTo("cpu"));
        Assert.That(tensor.ToString(), Is.EqualTo("[3x2x4], type = Float32, device = cpu"));
    }

    [Test]
    public void Types_convert()
    {
        var tensor = torch.tensor(new[] { 1.9f, -1.9f, 0 });
        Assert.That(tensor.@long().data<long>().ToArray(), Is.EqualTo(new long[] { 1, -1, 0 }));
        Assert.That(tensor.@bool().data<bool>().ToArray(), Is.EqualTo(new[] { true, true, false }));
        Assert.That((tensor.half().dtype, tensor.@double().dtype, tensor.@int().dtype, tensor.@byte().dtype, tensor.@float().dtype),
            Is.EqualTo((ScalarType.Float16, ScalarType.Float64, ScalarType.Int32, ScalarType.Byte, ScalarType.Float32)));
        Assert.That(tensor.to(CPU, copy: true).to(zeros(1, ScalarType.Float64)).dtype, Is.EqualTo(ScalarType.Float64));
        Assert.That(tensor.to("cpu").to(ScalarType.Float64, CPU).type(int32).type_as(tensor).dtype, Is.EqualTo(float32));
        Assert.That((torch.tensor(2.5).ToDouble(), torch.tensor(2).ToInt32(), torch.tensor(true).ToBoolean(), torch.tensor(3).ToSingle()), Is.EqualTo((2.5, 2, true, 3f)));
    }

    [Test]
    public void Indexing_reads_views_and_writes_through()
    {
        var tensor = arange(12, ScalarType.Float32).view(3, 4);
        Assert.That(Floats(tensor[1]), Is.EqualTo(new float[] { 4, 5, 6, 7 }));
        Assert.That(Floats(tensor[^1, 1..3]), Is.EqualTo(new float[] { 9, 10 }));
        Assert.That(Floats(tensor[TensorIndex.Ellipsis, TensorIndex.Slice(null, null, 3)]), Is.EqualTo(new float[] { 0, 3, 4, 7, 8, 11 }));
        Assert.That(tensor[TensorIndex.None, TensorIndex.Bool(true)].shape, Is.EqualTo(new long[] { 1, 1, 3, 4 }));
        tensor[0, 1] = torch.tensor(-1f);
        tensor[2] = torch.tensor(8f);
        tensor[1..2, ^1] = torch.tensor(5f);
        tensor.index_put_(3, TensorIndex.Single(1), TensorIndex.Single(0));
        Assert.That(Floats(tensor), Is.EqualTo(new float[] { 0, -1, 2, 3, 3, 5, 6, 5, 8, 8, 8, 8 }));
    }

    [Test]
    public void Comparisons_give_tensors()
    {
        Tensor a = tensor(new[] { 1f, 2, 3 }), b = tensor(new[] { 3f, 2, 1 });
        Assert.That(Floats(a == b), Is.EqualTo(new float[] { 0, 1, 0 }));
        Assert.That(Floats(a != 2), Is.EqualTo(new float[] { 1, 0, 1 }));
        Assert.That(Floats(2 < a), Is.EqualTo(new float[] { 0, 0, 1 }));
        Assert.That(Floats((a <= b) & ~(a == b)), Is.EqualTo(new float[] { 1, 0, 0 }));
        Assert.That(a.equal(a.clone()).item<bool>());
        Assert.That(a.Equals(a.alias()), Is.False);
        Assert.That(a.allclose(a + 1e-9));
        Assert.That(Floats(isnan(a / 0 - a / 0)), Is.EqualTo(new float[] { 1, 1, 1 }));
        Assert.That(a.logical_xor(zeros(3)).any().item<bool>() && isfinite(a).all().item<bool>());
    }

    [Test]
    public void Integers_divide_as_told()
    {
        Tensor a = tensor(new long[] { 7, -7 }), b = tensor(new long[] { 2, 2 });
        Assert.That(Floats(a / b), Is.EqualTo(new[] { 3.5f, -3.5f }));
        Assert.That(Floats(a.div(b, RoundingMode.floor)), Is.EqualTo(new[] { 3f, -4 }));
        Assert.That(Floats(a.div(2, RoundingMode.trunc)), Is.EqualTo(new[] { 3f, -3 }));
        Assert.That(Floats(a.remainder(3)), Is.EqualTo(new[] { 1f, 2 }));
        Assert.That(Floats(a.fmod(3)), Is.EqualTo(new[] { 1f, -1 }));
    }

    [Test]
    public void A_literal_zero_given_to_sum_is_an_element_type()
    {
        // The literal converts to the enumeration before it converts to long: a trap of the official signatures.
        Assert.That(ones(2, 3).sum(0).dtype, Is.EqualTo(ScalarType.Byte));
        Assert.That(ones(2, 3).sum(0L).shape, Is.EqualTo(new long[] { 3 }));
    }

    [Test]
    public void A_file_gives_back_what_was_saved()
    {
        var path = Path.GetTempFileName();
        try
        {
            var tensor = randn(3, 4);
            save(tensor, path);
            Assert.That(load(path).equal(tensor).item<bool>());
        }
        finally
        {
            File.Delete(path);
        }
    }
}
