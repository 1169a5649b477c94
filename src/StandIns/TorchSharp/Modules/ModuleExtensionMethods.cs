using static TorchSharp.torch;

namespace TorchSharp;

/// <summary>
/// Moves a module to a device or element type. Unlike the official package, which puts new parameters in place of the
/// old ones, the tensors stay the same objects and only their data moves.
/// </summary>
public static class ModuleExtensionMethods
{
    public static T to<T>(this T module, Device device, bool non_blocking = false) where T : nn.Module =>
        Move(module, device, null, non_blocking);

    public static T to<T>(this T module, DeviceType deviceType, int deviceIndex = -1, bool non_blocking = false) where T : nn.Module =>
        Move(module, new Device(deviceType, deviceIndex), null, non_blocking);

    public static T to<T>(this T module, ScalarType type, bool non_blocking = false) where T : nn.Module =>
        Move(module, null, type, non_blocking);

    public static T to<T>(this T module, Device device, ScalarType type, bool non_blocking = false) where T : nn.Module =>
        Move(module, device, type, non_blocking);

    internal static T Move<T>(T module, Device device, ScalarType? type, bool nonBlocking = false) where T : nn.Module
    {
        if (device is null && type is null) return module;
        foreach (var tensor in module.parameters().Concat(module.buffers()))
            Native.ts_move_data(tensor, device is null ? -1 : (int)device.type, device?.index ?? -1, type is null ? -1 : (int)type, nonBlocking);
        return module;
    }
}
