namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        /// <summary>The elements in row-major order; <typeparamref name="T"/> must be exactly the element type, and the tensor on the CPU.</summary>
        public unsafe Utils.TensorAccessor<T> data<T>() where T : unmanaged
        {
            CheckElementType<T>();
            if (device_type != DeviceType.CPU)
                throw new InvalidOperationException($"The elements of a tensor on {device} cannot be read in place. Call cpu() first.");
            return new Utils.TensorAccessor<T>(this);
        }

        /// <summary>The memory of a contiguous tensor on the CPU.</summary>
        public unsafe Span<byte> bytes
        {
            get
            {
                if (!is_contiguous()) throw new NotImplementedException("bytes reads contiguous tensors only. Call contiguous() first.");
                if (device_type != DeviceType.CPU) throw new InvalidOperationException($"bytes cannot read a tensor on {device}. Call cpu() first.");
                return new Span<byte>(DataPointer, checked((int)(numel() * ElementSize)));
            }
            set
            {
                var target = bytes;
                if (value.Length != target.Length)
                    throw new ArgumentException($"{value.Length} bytes do not fill a tensor of {target.Length} bytes.", nameof(value));
                value.CopyTo(target);
            }
        }

        internal unsafe void* DataPointer
        {
            get
            {
                void* pointer;
                Native.ts_data_pointer(this, &pointer);
                return pointer;
            }
        }

        /// <summary>The only element; <typeparamref name="T"/> must be exactly the element type.</summary>
        public unsafe T item<T>() where T : unmanaged
        {
            CheckElementType<T>();
            if (numel() != 1) throw new ArgumentException($"item reads the only element of a tensor, but there are {numel()}. Select one first.");
            using var here = device_type == DeviceType.CPU ? Share() : cpu();
            return *(T*)here.DataPointer;
        }

        public unsafe Scalar ToScalar()
        {
            Number number;
            Native.ts_item(this, &number);
            return dtype switch
            {
                ScalarType.Bool => number.ToInt64() != 0,
                ScalarType.Float64 => number.ToDouble(),
                _ when number.IsFloating => (float)number.ToDouble(),
                _ => number.ToInt64(),
            };
        }

        private void CheckElementType<T>()
        {
            var type = dtype;
            var fits = type switch
            {
                ScalarType.Byte => typeof(T) == typeof(byte),
                ScalarType.Int8 => typeof(T) == typeof(sbyte),
                ScalarType.Int16 => typeof(T) == typeof(short),
                ScalarType.Int32 => typeof(T) == typeof(int),
                ScalarType.Int64 => typeof(T) == typeof(long),
                ScalarType.Float16 => typeof(T) == typeof(Half),
                ScalarType.Float32 => typeof(T) == typeof(float),
                ScalarType.Float64 => typeof(T) == typeof(double),
                ScalarType.Bool => typeof(T) == typeof(bool),
                _ => false,
            };
            if (!fits) throw new ArgumentException($"A tensor of {type} cannot be read as {typeof(T).Name}. Convert it first, or read it as its own type.");
        }
    }
}
