namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public unsafe long[] shape
        {
            get
            {
                var sizes = new long[ndim];
                fixed (long* first = sizes) Native.ts_sizes(this, first);
                return sizes;
            }
        }

        public long[] size() => shape;

        public long size(int dim)
        {
            var sizes = shape;
            return sizes[dim < 0 ? dim + sizes.Length : dim];
        }

        public unsafe long[] stride()
        {
            var strides = new long[ndim];
            fixed (long* first = strides) Native.ts_strides(this, first);
            return strides;
        }

        public long stride(int dim)
        {
            var strides = stride();
            return strides[dim < 0 ? dim + strides.Length : dim];
        }

        public long ndim => Native.ts_ndimension(this);

        public long dim() => ndim;

        public long numel() => Native.ts_numel(this);

        public long NumberOfElements => numel();

        public long ElementSize => Native.ts_element_size(this);

        public ScalarType dtype => (ScalarType)Native.ts_scalar_type(this);

        public DeviceType device_type => (DeviceType)Native.ts_device_type(this);

        public int device_index => Native.ts_device_index(this);

        public Device device => new(device_type, device_index);

        public bool is_contiguous() => Native.ts_is_contiguous(this) != 0;

        public bool is_floating_point() => dtype is ScalarType.Float16 or ScalarType.Float32 or ScalarType.Float64 or ScalarType.BFloat16;

        public bool is_cuda => device_type == DeviceType.CUDA;
    }
}
