namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public static partial class functional
        {
            public static Tensor conv1d(Tensor input, Tensor weight, Tensor bias = null, long? stride = null, long? padding = null, long? dilation = null, long groups = 1) =>
                Native.ts_conv1d(input, weight, bias, stride ?? 1, padding ?? 0, dilation ?? 1, groups);

            public static Tensor conv2d(Tensor input, Tensor weight, Tensor bias = null, long[] strides = null, long[] padding = null, long[] dilation = null, long groups = 1) =>
                Native.ts_conv2d(input, weight, bias, Two(strides, 1), Two(padding, 0), Two(dilation, 1), groups);

            public static Tensor conv_transpose2d(Tensor input, Tensor weight, Tensor bias = null, long[] strides = null, long[] padding = null, long[] output_padding = null, long[] dilation = null, long groups = 1) =>
                Native.ts_conv_transpose2d(input, weight, bias, Two(strides, 1), Two(padding, 0), Two(output_padding, 0), groups, Two(dilation, 1));

            public static Tensor max_pool2d(Tensor input, long kernelSize, long? stride = null, long? padding = null, long? dilation = null, bool ceil_mode = false) =>
                max_pool2d(input, [kernelSize, kernelSize], Both(stride), Both(padding), Both(dilation), ceil_mode);

            /// <summary>The stride is the kernel's size where none is given.</summary>
            public static Tensor max_pool2d(Tensor input, long[] kernelSize, long[] strides = null, long[] padding = null, long[] dilation = null, bool ceil_mode = false) =>
                Native.ts_max_pool2d(input, Two(kernelSize, 1), Two(strides ?? kernelSize, 1), Two(padding, 0), Two(dilation, 1), ceil_mode);

            /// <summary>The stride is the kernel's size where none is given.</summary>
            public static Tensor avg_pool2d(Tensor input, long kernelSize, long? stride = null, long padding = 0, bool ceil_mode = false, bool count_include_pad = true) =>
                avg_pool2d(input, [kernelSize, kernelSize], Both(stride ?? kernelSize), Both(padding), ceil_mode, count_include_pad);

            /// <summary>The stride is 1 where none is given, as in the official package.</summary>
            public static Tensor avg_pool2d(Tensor input, long[] kernelSizes, long[] strides = null, long[] paddings = null, bool ceil_mode = false, bool count_include_pad = true) =>
                Native.ts_avg_pool2d(input, Two(kernelSizes, 1), Two(strides, 1), Two(paddings, 0), ceil_mode, count_include_pad);

            public static Tensor adaptive_avg_pool2d(Tensor input, long output_size) => Native.ts_adaptive_avg_pool2d(input, Both(output_size));

            public static Tensor adaptive_avg_pool2d(Tensor input, long[] output_size) => Native.ts_adaptive_avg_pool2d(input, Two(output_size, 1));

            /// <summary>The patches under a sliding kernel as columns: (N, C * kernel_size², patches).</summary>
            public static Tensor unfold(Tensor input, long kernel_size, long dilation = 1, long padding = 0, long stride = 1) =>
                Native.ts_unfold(input, Both(kernel_size), Both(dilation), Both(padding), Both(stride));

            public static Tensor pixel_shuffle(Tensor x, long upscaleFactor) => Native.ts_pixel_shuffle(x, upscaleFactor);

            private static long[] Both(long? value) => value is { } present ? [present, present] : null;

            /// <summary>Two values, for height and width: the given ones, a single one twice, or the default twice.</summary>
            private static long[] Two(long[] values, long absent) => values switch
            {
                null or [] => [absent, absent],
                [var both] => [both, both],
                [_, _] => values,
                _ => throw new ArgumentException($"Two values are wanted, for height and width, but there are {values.Length}."),
            };
        }
    }
}
