using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using Microsoft.ML.DrSeg.Models;
using NUnit.Framework;
using static TorchSharp.torch;

namespace Microsoft.ML.DrSeg.Tests.Models;

public class TensorArithmeticTests
{
    [Test]
    public void ItComputesWhatTheOperatorsDo()
    {
        using var scope = NewDisposeScope();
        Tensor a = tensor(new[] { -2f, 0.5f, 3f }), b = tensor(new[] { 1f, -0.25f, 8f });
        Expect(a.Plus(b), -1, 0.25f, 11);
        Expect(a.Plus(-0.5), -2.5f, 0, 2.5f);
        Expect(a.Times(4), -8, 2, 12);
        Expect(a.Between(-1, 2), -1, 0.5f, 2);
        Expect(a.AtLeast(0), 0, 0.5f, 3);
        Expect(a.AtMost(1), -2, 0.5f, 1);
        Expect(a.Without(tensor(new[] { false, true, false })), -2, float.NegativeInfinity, 3);
        Assert.That(TensorArithmetic.Filled([2], 7, CPU).data<long>().ToArray(), Is.EqualTo(new long[] { 7, 7 }));
    }

    // Where a number is turned into TorchSharp's Scalar by the compiler, nobody holds it while libtorch reads it; a sum of two
    // tensors makes one inside TorchSharp.
    [Test]
    public void NothingInTheLibraryLeavesANumberToTheGarbageCollector()
    {
        Assert.That(Members(typeof(TensorArithmetic).Assembly.Location), Has.None.EqualTo("Scalar.op_Implicit").And.None.EqualTo("Tensor.op_Addition").And.Some.EqualTo("Tensor.op_Subtraction"));
        // The same look finds both where they are.
        Assert.That(Members(typeof(TensorArithmeticTests).Assembly.Location), Has.Some.EqualTo("Tensor.op_Addition"));
    }

    [Test]
    public void TheOperatorsAreWhatTheLookIsFor()
    {
        using Tensor one = ones(1), two = one + one;
        Assert.That(two.item<float>(), Is.EqualTo(2));
    }

    private static void Expect(Tensor computed, params float[] values) => Assert.That(computed.data<float>().ToArray(), Is.EqualTo(values));

    // Members of other assemblies that an assembly calls, as Type.Member.
    private static string[] Members(string assembly)
    {
        using var file = new PEReader(File.OpenRead(assembly));
        MetadataReader metadata = file.GetMetadataReader();
        return [.. metadata.MemberReferences.Select(metadata.GetMemberReference)
            .Where(member => member.Parent.Kind == HandleKind.TypeReference)
            .Select(member => $"{metadata.GetString(metadata.GetTypeReference((TypeReferenceHandle)member.Parent).Name)}.{metadata.GetString(member.Name)}")];
    }
}
