using System.Globalization;
using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>The layers' factory methods. Layers are made as float32 on the CPU and then moved.</summary>
    public static partial class nn
    {
        public static Linear Linear(long inputSize, long outputSize, bool hasBias = true, Device device = null, ScalarType? dtype = null) =>
            ModuleExtensionMethods.Move(new Linear(inputSize, outputSize, hasBias), device, dtype);

        public static Conv1d Conv1d(long in_channels, long out_channels, long kernelSize, long stride = 1, long padding = 0, long dilation = 1, PaddingModes padding_mode = PaddingModes.Zeros, long groups = 1, bool bias = true, Device device = null, ScalarType? dtype = null) =>
            ModuleExtensionMethods.Move(new Conv1d(in_channels, out_channels, kernelSize, stride, padding, dilation, padding_mode, groups, bias), device, dtype);

        public static Conv2d Conv2d(long in_channels, long out_channels, long kernelSize, long stride = 1, long padding = 0, long dilation = 1, PaddingModes padding_mode = PaddingModes.Zeros, long groups = 1, bool bias = true, Device device = null, ScalarType? dtype = null) =>
            Conv2d(in_channels, out_channels, (kernelSize, kernelSize), (stride, stride), (padding, padding), (dilation, dilation), padding_mode, groups, bias, device, dtype);

        public static Conv2d Conv2d(long in_channels, long out_channels, (long, long) kernelSize, (long, long)? stride = null, (long, long)? padding = null, (long, long)? dilation = null, PaddingModes padding_mode = PaddingModes.Zeros, long groups = 1, bool bias = true, Device device = null, ScalarType? dtype = null) =>
            ModuleExtensionMethods.Move(new Conv2d(in_channels, out_channels, kernelSize, stride ?? (1, 1), padding ?? (0, 0), dilation ?? (1, 1), padding_mode, groups, bias), device, dtype);

        public static ConvTranspose2d ConvTranspose2d(long in_channels, long out_channels, long kernelSize, long stride = 1, long padding = 0, long output_padding = 0, long dilation = 1, PaddingModes padding_mode = PaddingModes.Zeros, long groups = 1, bool bias = true, Device device = null, ScalarType? dtype = null) =>
            ModuleExtensionMethods.Move(new ConvTranspose2d(in_channels, out_channels, (kernelSize, kernelSize), (stride, stride), (padding, padding), (output_padding, output_padding), (dilation, dilation), padding_mode, groups, bias), device, dtype);

        public static LayerNorm LayerNorm(long normalized_shape, double eps = 1E-05d, bool elementwise_affine = true, bool bias = true, Device device = null, ScalarType? dtype = null) =>
            LayerNorm([normalized_shape], eps, elementwise_affine, bias, device, dtype);

        public static LayerNorm LayerNorm(long[] normalized_shape, double eps = 1E-05d, bool elementwise_affine = true, bool bias = true, Device device = null, ScalarType? dtype = null) =>
            ModuleExtensionMethods.Move(new LayerNorm(normalized_shape, eps, elementwise_affine, bias), device, dtype);

        public static GroupNorm GroupNorm(long num_groups, long num_channels, double eps = 1E-05d, bool affine = true, Device device = null, ScalarType? dtype = null) =>
            ModuleExtensionMethods.Move(new GroupNorm(num_groups, num_channels, eps, affine), device, dtype);

        public static BatchNorm2d BatchNorm2d(long features, double eps = 1E-05d, double momentum = 0.1d, bool affine = true, bool track_running_stats = true, Device device = null, ScalarType? dtype = null) =>
            ModuleExtensionMethods.Move(new BatchNorm2d(features, eps, momentum, affine, track_running_stats), device, dtype);

        public static Embedding Embedding(long num_embeddings, long embedding_dims, long? padding_idx = null, double? max_norm = null, double norm_type = 2d, bool scale_grad_by_freq = false, bool sparse = false, Device device = null, ScalarType? dtype = null) =>
            ModuleExtensionMethods.Move(new Embedding(num_embeddings, embedding_dims, padding_idx, max_norm, norm_type, scale_grad_by_freq, sparse), device, dtype);

        public static Dropout Dropout(double p = 0.5d, bool inplace = false) => new(p, inplace);

        public static Flatten Flatten(long startDim = 1, long endDim = -1) => new(startDim, endDim);

        public static ReLU ReLU(bool inplace = false) => new(inplace);

        public static GELU GELU() => new();

        public static SiLU SiLU() => new();

        public static Sigmoid Sigmoid() => new();

        public static Tanh Tanh() => new();

        public static Sequential Sequential(params (string name, Module<Tensor, Tensor> submodule)[] modules) => new(modules);

        public static Sequential Sequential(params Module<Tensor, Tensor>[] modules) => Sequential((IEnumerable<Module<Tensor, Tensor>>)modules);

        public static Sequential Sequential(IEnumerable<Module<Tensor, Tensor>> modules) =>
            new(modules.Select((module, index) => (index.ToString(CultureInfo.InvariantCulture), module)));

        public static ModuleList<T> ModuleList<T>(params T[] modules) where T : Module => new(modules);

        public static CrossEntropyLoss CrossEntropyLoss(Tensor weight = null, long? ignore_index = null, Reduction reduction = Reduction.Mean) => new(weight, ignore_index, reduction);

        public static MSELoss MSELoss(Reduction reduction = Reduction.Mean) => new(reduction);

        public static BCEWithLogitsLoss BCEWithLogitsLoss(Tensor weight = null, Reduction reduction = Reduction.Mean, Tensor pos_weights = null) => new(weight, reduction, pos_weights);
    }
}
