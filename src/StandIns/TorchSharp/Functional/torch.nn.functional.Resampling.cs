namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public static partial class functional
        {
            /// <summary>Resizes the spatial dimensions of (N, C, ...) to a size or by factors.</summary>
            public static Tensor interpolate(Tensor x, long[] size = null, double[] scale_factor = null, InterpolationMode mode = InterpolationMode.Nearest, bool? align_corners = null, bool recompute_scale_factor = false)
            {
                if (size is null == scale_factor is null) throw new ArgumentException("interpolate takes either a size or a scale factor, not both or neither.", nameof(size));
                var target = size ?? Scaled(x.shape, scale_factor);
                if (target.Length != x.ndim - 2)
                    throw new ArgumentException($"interpolate of a {x.ndim}-dimensional tensor takes {x.ndim - 2} sizes or factors, got {target.Length}.", nameof(size));
                var factors = recompute_scale_factor ? null : scale_factor;
                return mode switch
                {
                    InterpolationMode.Nearest => Native.ts_upsample_nearest(x, target, target.Length, factors),
                    InterpolationMode.Bilinear when target.Length == 2 => Native.ts_upsample_bilinear2d(x, target, align_corners ?? false, factors),
                    InterpolationMode.Bicubic when target.Length == 2 => Native.ts_upsample_bicubic2d(x, target, align_corners ?? false, factors),
                    _ => throw new NotSupportedException($"interpolate does not offer {mode} for a {x.ndim}-dimensional tensor here."),
                };
            }

            private static long[] Scaled(long[] shape, double[] factors) => [.. factors.Select((factor, i) => (long)Math.Floor(shape[i + 2] * factor))];

            /// <summary>Reads (N, C, H, W) at positions (N, h, w, 2), x before y, from -1 to 1 over the image.</summary>
            public static Tensor grid_sample(Tensor input, Tensor grid, GridSampleMode mode = GridSampleMode.Bilinear, GridSamplePaddingMode padding_mode = GridSamplePaddingMode.Zeros, bool? align_corners = null) =>
                Native.ts_grid_sample(input, grid, mode == GridSampleMode.Nearest ? 1 : 0, padding_mode switch { GridSamplePaddingMode.Border => 1, GridSamplePaddingMode.Reflection => 2, _ => 0 }, align_corners ?? false);

            /// <summary>Pads before and after, the last dimension first; negative amounts cut off.</summary>
            public static Tensor pad(Tensor input, long[] pad, PaddingModes mode = PaddingModes.Constant, double value = 0) =>
                functional.pad(input, (ReadOnlySpan<long>)pad, mode, value);

            public static Tensor pad(Tensor input, ReadOnlySpan<long> pad, PaddingModes mode = PaddingModes.Constant, double value = 0)
            {
                ReadOnlySpan<double> filling = mode == PaddingModes.Constant ? [value] : default;
                var name = mode switch
                {
                    PaddingModes.Reflect => "reflect",
                    PaddingModes.Replicate => "replicate",
                    PaddingModes.Circular => "circular",
                    _ => "constant",
                };
                return Native.ts_pad(input, pad, pad.Length, name, filling);
            }
        }
    }
}
