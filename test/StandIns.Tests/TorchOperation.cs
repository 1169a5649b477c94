using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace StandIns.Tests;

/// <summary>A differentiable operation on one or more tensors of the given shapes, and a function that brings random values into its domain.</summary>
internal sealed record TorchOperation(string Name, Func<Tensor[], Tensor> Apply, params long[][] Shapes)
{
    /// <summary>Applied to standard normal values.</summary>
    public Func<Tensor, Tensor> Domain { get; init; } = values => values;

    /// <summary>Every differentiable operation that is offered.</summary>
    public static IEnumerable<TorchOperation> All => Unary.Concat(Binary).Concat(Shaping).Concat(Picking).Concat(Reducing).Concat(Products).Concat(Layers).Concat(Losses);

    private static Tensor Positive(Tensor values) => values.abs().add(0.5);

    private static TorchOperation One(string name, Func<Tensor, Tensor> apply, params long[] shape) =>
        new(name, inputs => apply(inputs[0]), shape.Length > 0 ? shape : [2, 8, 6, 10]);

    private static TorchOperation OnPositive(string name, Func<Tensor, Tensor> apply) => One(name, apply) with { Domain = Positive };

    private static TorchOperation Two(string name, Func<Tensor, Tensor, Tensor> apply, long[] first, long[] second) =>
        new(name, inputs => apply(inputs[0], inputs[1]), first, second);

    private static IEnumerable<TorchOperation> Unary =>
    [
        One("neg", x => -x), One("abs", x => x.abs()), One("exp", x => x.exp()), One("expm1", x => x.expm1()), OnPositive("log", x => x.log()),
        OnPositive("log1p", x => x.log1p()), OnPositive("log2", x => x.log2()), OnPositive("sqrt", x => x.sqrt()), OnPositive("rsqrt", x => x.rsqrt()),
        OnPositive("reciprocal", x => x.reciprocal()), One("square", x => x.square()), One("sin", x => x.sin()), One("cos", x => x.cos()),
        One("atan", x => x.atan()), One("erf", x => x.erf()), One("sigmoid", x => x.sigmoid()), One("tanh", x => x.tanh()), One("relu", x => F.relu(x)),
        One("relu6", x => F.relu6(x * 4)), One("leaky_relu", x => F.leaky_relu(x, 0.1)), One("elu", x => F.elu(x, 1.5)), One("gelu", x => F.gelu(x)),
        One("Tensor.gelu", x => x.gelu()), One("silu", x => F.silu(x)), One("softplus", x => F.softplus(x)), One("logsigmoid", x => F.logsigmoid(x)),
        One("softmax last", x => F.softmax(x, -1)), One("softmax first", x => x.softmax(0)), One("log_softmax last", x => F.log_softmax(x, -1)),
        One("log_softmax channels", x => x.log_softmax(1)), One("pow 3", x => x.pow(3)), OnPositive("pow 0.7", x => x.pow(0.7)),
        One("clamp", x => x.clamp(-0.5, 0.8)), One("clamp_min", x => x.clamp_min(0.1)), One("clamp_max", x => x.clamp_max(0.1)),
        One("add scalar", x => x + 2), One("subtract from scalar", x => 1 - x), One("mul scalar", x => x * 1.5f), One("div scalar", x => x / 3),
        OnPositive("divide scalar", x => 2.0 / x), One("remainder", x => x % 0.7), One("fmod", x => x.fmod(0.7)),
        One("dropout at rest", x => F.dropout(x, 0.5, false)),
    ];

    private static IEnumerable<TorchOperation> Binary =>
    [
        Two("add", (a, b) => a + b, [3, 1, 5], [4, 5]), Two("add alpha", (a, b) => a.add(b, 0.5), [3, 4], [3, 4]), Two("sub", (a, b) => a - b, [3, 4, 5], [4, 1]),
        Two("mul", (a, b) => a * b, [3, 4, 5], [1, 5]), Two("div", (a, b) => a / b, [3, 4, 5], [3, 4, 5]) with { Domain = Positive },
        Two("pow", (a, b) => a.pow(b), [3, 4], [3, 4]) with { Domain = Positive },
        Two("maximum", maximum, [3, 4, 5], [3, 4, 5]), Two("minimum", minimum, [3, 4, 5], [4, 5]),
        Two("clamp tensors", (a, b) => a.clamp(b - 1, b + 1), [3, 4], [3, 4]),
        new("addcmul", x => x[0].addcmul(x[1], x[2], 0.5), [3, 4], [3, 4], [3, 4]),
        new("addcdiv", x => x[0].addcdiv(x[1], x[2], 0.5), [3, 4], [3, 4], [3, 4]) { Domain = Positive },
        new("lerp", x => x[0].lerp(x[1], x[2]), [3, 4], [3, 4], [3, 4]),
        Two("where", (a, b) => where(a.gt(0), a * 3, b), [3, 4, 5], [3, 4, 5]),
        Two("add_", (a, b) => a.clone().add_(b, 2), [3, 4], [3, 4]), Two("sub_", (a, b) => a.clone().sub_(b), [3, 4], [3, 4]),
        Two("mul_", (a, b) => a.clone().mul_(b), [3, 4], [3, 4]), Two("div_", (a, b) => a.clone().div_(b), [3, 4], [3, 4]) with { Domain = Positive },
        Two("copy_", (a, b) => (a * 2).copy_(b), [3, 4], [3, 4]),
        One("in-place chain", x => x.clone().neg_().mul_(2).add_(1).exp_()), One("zero_ a part", x => ZeroRow(x.clone())),
    ];

    private static Tensor ZeroRow(Tensor x)
    {
        x[1].zero_();
        return x;
    }

    private static IEnumerable<TorchOperation> Shaping =>
    [
        One("reshape", x => x.reshape(16, 60)), One("transpose", x => x.transpose(1, 2)), One("permute", x => x.permute(3, 1, 0, 2)), One("t", x => x.t(), 4, 7),
        One("expand", x => x.expand(3, 4, 5), 4, 1), One("expand_as", x => x.expand_as(zeros(3, 4, 5)), 4, 1), One("repeat", x => x.repeat(2, 3), 4, 5),
        One("repeat_interleave", x => repeat_interleave(x, 3, 1), 4, 5),
        One("repeat_interleave each", x => repeat_interleave(x, tensor(new long[] { 2, 0, 1, 3 }), 0), 4, 5),
        One("squeeze unsqueeze", x => x.squeeze(1).unsqueeze(-1), 4, 1, 5), One("flatten", x => x.flatten(1)), One("unflatten", x => x.unflatten(1, 2, 4)),
        One("flip", x => x.flip(0, 2)), One("roll", x => x.roll([1, -2], [0, 2])), One("tril", x => x.tril(), 5, 5), One("triu", x => x.triu(1), 3, 5, 5),
        One("diag", x => diag(x), 5), One("diagonal", x => x.diagonal(0, 0, 1), 4, 5), One("unfold tensor", x => x.unfold(1, 4, 2), 3, 10),
        Two("cat", (a, b) => cat([a, b], 1), [3, 4], [3, 2]), Two("stack", (a, b) => stack([a, b], 1), [3, 4], [3, 4]),
        One("split", x => x.split(3, 1)[1], 4, 7), One("split sizes", x => x.split([2, 5], 1)[1], 4, 7), One("chunk", x => x.chunk(3, 1)[2], 4, 7),
        One("unbind", x => x.unbind(1)[2], 4, 7), One("meshgrid", x => meshgrid([x, x * 2])[1], 4), One("clone", x => x.clone()), One("contiguous", x => x.contiguous()),
        One("cumsum", x => x.cumsum(1), 4, 7), One("cumprod", x => x.cumprod(1), 4, 5),
    ];

    private static IEnumerable<TorchOperation> Picking =>
    [
        One("select", x => x.select(1, -1)), One("narrow", x => x.narrow(1, 2, 3)), One("slice", x => x.slice(1, 1, 7, 2)), One("index number", x => x[1, 2]),
        One("index range", x => x[.., 1..5]), One("index positions", x => x[TensorIndex.Colon, TensorIndex.Tensor(tensor(new long[] { 3, 0, 3 }))]),
        One("index mask", x => x[TensorIndex.Tensor(x.gt(0))], 5, 6), One("masked_select", x => x.masked_select(x.lt(0.5)), 5, 6),
        One("index_select", x => x.index_select(1, tensor(new long[] { 5, 5, 0 }))), One("gather", x => x.gather(1, tensor(new long[,] { { 0, 3 }, { 1, 1 }, { 2, 0 } })), 3, 4),
        Two("scatter", (a, b) => a.scatter(1, tensor(new long[,] { { 0, 3 }, { 1, 2 }, { 2, 0 } }), b), [3, 4], [3, 2]),
        Two("scatter_add", (a, b) => a.scatter_add(1, tensor(new long[,] { { 0, 0 }, { 1, 2 }, { 2, 2 } }), b), [3, 4], [3, 2]),
        Two("index_add", (a, b) => a.index_add(0, tensor(new long[] { 2, 2, 0 }), b, 0.5), [4, 2], [3, 2]),
        Two("index_put_", (a, b) => a.clone().index_put_(b, tensor(new long[] { 2, 0 })), [4, 3], [2, 3]),
        One("masked_fill", x => x.masked_fill(x.lt(0), 0.5)), One("topk", x => x.topk(3).values, 5, 7), One("sort", x => x.sort(1, true).Values, 5, 7),
    ];

    private static IEnumerable<TorchOperation> Reducing =>
    [
        One("sum", x => x.sum()), One("sum dims", x => x.sum([0, 2], true)), One("mean", x => x.mean()), One("mean dims", x => x.mean([1, 3])),
        One("prod", x => x.prod(), 6), One("std", x => x.std()), One("std dims", x => x.std([1, 2], false, true)), One("var", x => x.var()), One("var dim", x => x.var(1)),
        One("max", x => x.max()), One("max dim", x => x.max(1).values), One("min", x => x.min()), One("min dim", x => x.min(2, true).values),
        One("amax", x => x.amax([1, 2])), One("amin", x => x.amin([0], true)), One("logsumexp", x => x.logsumexp(1)), One("norm", x => x.norm()),
        One("norm dim", x => x.norm(1, true)), One("norm 1", x => x.norm(1, false, 1f)), One("linalg.norm", x => linalg.norm(x, [1])), One("median", x => x.median(), 15),
    ];

    private static IEnumerable<TorchOperation> Products =>
    [
        Two("matmul", matmul, [5, 6], [6, 7]), Two("matmul batches", matmul, [2, 3, 5, 6], [2, 3, 6, 4]), Two("matmul broadcast", matmul, [2, 5, 6], [6, 4]),
        Two("matmul vector", matmul, [5, 6], [6]), Two("mm", mm, [5, 6], [6, 7]), Two("bmm", bmm, [3, 5, 6], [3, 6, 4]), Two("dot", dot, [6], [6]),
        Two("outer", outer, [5], [6]), new("addmm", x => addmm(x[0], x[1], x[2], 0.5f, 2f), [5, 4], [5, 6], [6, 4]),
        Two("einsum", (a, b) => einsum("bhid,bhjd->bhij", a, b), [2, 3, 4, 6], [2, 3, 5, 6]), new("linear", x => F.linear(x[0], x[1], x[2]), [2, 5, 6], [4, 6], [4]),
        new("attention", x => F.scaled_dot_product_attention(x[0], x[1], x[2]), [2, 3, 5, 4], [2, 3, 6, 4], [2, 3, 6, 4]),
        new("causal attention", x => F.scaled_dot_product_attention(x[0], x[1], x[2], null, 0, true), [2, 3, 5, 4], [2, 3, 5, 4], [2, 3, 5, 4]),
    ];

    private static IEnumerable<TorchOperation> Layers =>
    [
        new("conv1d", x => F.conv1d(x[0], x[1], x[2], 2, 1), [2, 3, 9], [4, 3, 3], [4]),
        new("conv2d", x => F.conv2d(x[0], x[1], x[2], [2, 1], [1, 0]), [2, 3, 8, 9], [4, 3, 3, 3], [4]),
        new("conv2d groups dilation", x => F.conv2d(x[0], x[1], null, [1, 1], [2, 2], [2, 2], 2), [2, 4, 9, 9], [6, 2, 3, 3]),
        new("conv2d 1x1", x => F.conv2d(x[0], x[1], x[2]), [2, 8, 6, 6], [4, 8, 1, 1], [4]),
        new("conv2d depthwise", x => F.conv2d(x[0], x[1], x[2], null, [1, 1], null, 8), [2, 8, 6, 6], [8, 1, 3, 3], [8]),
        new("conv_transpose2d", x => F.conv_transpose2d(x[0], x[1], x[2], [2, 2], [1, 1], [1, 1]), [2, 3, 4, 5], [3, 4, 3, 3], [4]),
        One("max_pool2d", x => F.max_pool2d(x, 2)), One("max_pool2d padded", x => F.max_pool2d(x, [3, 3], [2, 2], [1, 1])),
        One("avg_pool2d", x => F.avg_pool2d(x, 2)), One("avg_pool2d padded", x => F.avg_pool2d(x, [3, 3], [2, 2], [1, 1])),
        One("adaptive_avg_pool2d", x => F.adaptive_avg_pool2d(x, [4, 3])), One("unfold", x => F.unfold(x, 3, 1, 1, 2)), One("pixel_shuffle", x => F.pixel_shuffle(x, 2)),
        One("interpolate nearest", x => F.interpolate(x, [9, 13])), One("interpolate nearest factors", x => F.interpolate(x, null, [2, 2])),
        One("interpolate bilinear", x => F.interpolate(x, [9, 13], null, InterpolationMode.Bilinear, false)),
        One("interpolate bilinear smaller", x => F.interpolate(x, null, [0.5, 0.5], InterpolationMode.Bilinear, false)),
        One("interpolate bilinear corners", x => F.interpolate(x, [9, 13], null, InterpolationMode.Bilinear, true)),
        One("interpolate bicubic", x => F.interpolate(x, [9, 13], null, InterpolationMode.Bicubic, false)),
        Two("grid_sample", (x, grid) => F.grid_sample(x, grid, align_corners: false), [2, 3, 5, 6], [2, 4, 4, 2]),
        Two("grid_sample border", (x, grid) => F.grid_sample(x, grid, GridSampleMode.Bilinear, GridSamplePaddingMode.Border, true), [2, 3, 5, 6], [2, 4, 4, 2]),
        One("pad", x => F.pad(x, [1, 2, 0, 3], PaddingModes.Constant, 0.5)), One("pad negative", x => F.pad(x, [-1, 2])),
        One("pad reflect", x => F.pad(x, [1, 2, 0, 3], PaddingModes.Reflect)), One("pad replicate", x => F.pad(x, [1, 2, 0, 3], PaddingModes.Replicate)),
        One("pad circular", x => F.pad(x, [1, 2, 0, 3], PaddingModes.Circular)),
        new("layer_norm", x => F.layer_norm(x[0], [10], x[1], x[2]), [2, 5, 10], [10], [10]), One("layer_norm plain", x => F.layer_norm(x, [6, 10])),
        new("group_norm", x => F.group_norm(x[0], 2, x[1], x[2]), [3, 8, 5, 5], [8], [8]), One("group_norm plain", x => F.group_norm(x, 4)),
        new("batch_norm", x => F.batch_norm(x[0], zeros(8, x[0].dtype), ones(8, x[0].dtype), x[1], x[2], true), [3, 8, 5, 5], [8], [8]),
        new("batch_norm at rest", x => F.batch_norm(x[0], zeros(8, x[0].dtype), ones(8, x[0].dtype), x[1], x[2]), [3, 8, 5, 5], [8], [8]),
        Two("cosine_similarity", (a, b) => F.cosine_similarity(a, b, 1), [4, 6], [4, 6]),
        One("conv gelu flatten transpose", x => F.gelu(F.conv2d(x, ones([8, 8, 3, 3], x.dtype) * 0.1, null, [2, 2], [1, 1])).flatten(2).transpose(1, 2)),
    ];

    private static Tensor Classes(params long[] shape) => (arange(shape.Aggregate(1L, (a, b) => a * b)) % 5).reshape(shape);

    private static Tensor Targets(Tensor x) => sigmoid(arange(x.numel(), x.dtype).sin().reshape(x.shape));

    private static IEnumerable<TorchOperation> Losses =>
    [
        One("cross_entropy", x => F.cross_entropy(x, Classes(7)), 7, 5), One("cross_entropy smoothing", x => F.cross_entropy(x, Classes(7), label_smoothing: 0.1), 7, 5),
        One("cross_entropy spatial", x => F.cross_entropy(x, Classes(2, 3, 4), reduction: nn.Reduction.None), 2, 5, 3, 4),
        One("cross_entropy weighted", x => F.cross_entropy(x, Classes(7), arange(1, 6, x.dtype), 3, nn.Reduction.Sum), 7, 5),
        One("cross_entropy soft", x => F.cross_entropy(x, F.softmax(Targets(x), 1)), 7, 5), One("nll_loss", x => F.nll_loss(F.log_softmax(x, 1), Classes(7)), 7, 5),
        One("binary_cross_entropy", x => F.binary_cross_entropy(sigmoid(x), Targets(x))), One("binary_cross_entropy_with_logits", x => F.binary_cross_entropy_with_logits(x, Targets(x))),
        One("binary_cross_entropy_with_logits weighted", x => F.binary_cross_entropy_with_logits(x, Targets(x), Targets(x) + 1, nn.Reduction.None, Targets(x) + 2)),
        Two("mse_loss", (a, b) => F.mse_loss(a, b), [3, 4, 5], [3, 4, 5]), Two("mse_loss each", (a, b) => F.mse_loss(a, b, nn.Reduction.None), [3, 4, 5], [3, 4, 5]),
        Two("l1_loss", (a, b) => F.l1_loss(a, b, nn.Reduction.None), [3, 4, 5], [3, 4, 5]),
        Two("smooth_l1_loss", (a, b) => F.smooth_l1_loss(a, b, nn.Reduction.None, 0.5), [3, 4, 5], [3, 4, 5]),
        Two("huber_loss", (a, b) => F.huber_loss(a, b, 0.7, nn.Reduction.None), [3, 4, 5], [3, 4, 5]),
        One("kl_div", x => F.kl_div(F.log_softmax(x, 1), F.softmax(Targets(x), 1), false, nn.Reduction.Sum), 7, 5),
    ];
}
