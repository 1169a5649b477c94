using System.Globalization;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>Where tensors live: a kind of device and, where there are several of it, which one (-1: the current one).</summary>
    public class Device
    {
        public Device(string description)
        {
            var parts = description.Split(':');
            type = ParseType(parts[0]);
            index = parts.Length switch
            {
                1 => -1,
                2 when int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var number) => number,
                _ => throw new ArgumentException($"'{description}' is not a device; write a kind and, if wanted, a number, as in 'cpu' or 'cuda:0'.", nameof(description)),
            };
        }

        public Device(string deviceType, int index = -1) => (type, this.index) = (ParseType(deviceType), index);

        public Device(DeviceType deviceType, int index = -1) => (type, this.index) = (deviceType, index);

        public Device(int index) => (type, this.index) = (DeviceType.CUDA, index);

        public DeviceType type { get; }

        public int index { get; }

        public static implicit operator Device(string description) => new(description);

        public override string ToString()
        {
            var name = type.ToString().ToLowerInvariant();
            return index < 0 ? name : $"{name}:{index}";
        }

        private static DeviceType ParseType(string name) => name.ToLowerInvariant() switch
        {
            "cpu" => DeviceType.CPU,
            "cuda" => DeviceType.CUDA,
            _ => throw new ArgumentException($"'{name}' is not a kind of device here; there are 'cpu' and 'cuda'.", nameof(name)),
        };
    }

    public static readonly Device CPU = new(DeviceType.CPU);

    public static Device CUDA { get; } = new(DeviceType.CUDA);

    public static Device device(string description) => new(description);

    public static Device device(DeviceType deviceType, int index = -1) => new(deviceType, index);

    public static class cuda
    {
        public static bool is_available() => Native.ts_cuda_is_available() != 0;

        public static int device_count() => Native.ts_cuda_device_count();

        public static void synchronize(Device device = null) => Native.ts_cuda_synchronize(device?.index ?? -1);
    }

    public static int get_num_threads() => Native.ts_get_num_threads();

    public static void set_num_threads(int num) => Native.ts_set_num_threads(num);
}
