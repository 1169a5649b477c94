using static TorchSharp.torch;

namespace TorchSharp;

public static class TensorExtensionMethods
{
    public static float ToSingle(this Tensor value) => value.ToScalar().ToSingle();

    public static double ToDouble(this Tensor value) => value.ToScalar().ToDouble();

    public static long ToInt64(this Tensor value) => value.ToScalar().ToInt64();

    public static int ToInt32(this Tensor value) => value.ToScalar().ToInt32();

    public static bool ToBoolean(this Tensor value) => value.ToScalar().ToBoolean();
}
