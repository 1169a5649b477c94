using NUnit.Framework;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace StandIns.Tests;

/// <summary>Optimisers against their update formulas, written out for one number in double precision.</summary>
[TestFixture]
public class OptimTests
{
    private const int Steps = 6;

    private DisposeScope _scope = null!;

    [SetUp]
    public void OpenScope() => _scope = NewDisposeScope();

    [TearDown]
    public void CloseScope() => _scope.Dispose();

    /// <summary>Minimises (x - 3)^2 / 2 from x = 5, whose gradient is x - 3.</summary>
    private static double[] Minimise(Func<Parameter[], optim.Optimizer> make)
    {
        var x = new Parameter(full([2, 1], 5, dtype: ScalarType.Float64));
        using var optimizer = make([x]);
        var path = new double[Steps];
        for (var i = 0; i < Steps; i++)
        {
            optimizer.zero_grad();
            ((x - 3) * (x - 3) / 2).sum().backward();
            optimizer.step();
            path[i] = x[0, 0].item<double>();
        }
        return path;
    }

    /// <summary>The same with <paramref name="update"/>, from a number, its gradient and the step (from 1) to the next number.</summary>
    private static double[] Expected(Func<double, double, int, double> update)
    {
        var path = new double[Steps];
        double x = 5;
        for (var i = 0; i < Steps; i++) path[i] = x = update(x, x - 3, i + 1);
        return path;
    }

    private static void Agree(Func<Parameter[], optim.Optimizer> make, Func<double, double, int, double> update) =>
        Assert.That(Minimise(make), Is.EqualTo(Expected(update)).Within(1e-12));

    [Test]
    public void PlainGradientDescent()
    {
        Agree(p => optim.SGD(p, 0.1), (x, g, _) => x - 0.1 * g);
        Agree(p => optim.SGD(p, 0.1, maximize: true), (x, g, _) => x + 0.1 * g);
        Agree(p => optim.SGD(p, 0.1, weight_decay: 0.5), (x, g, _) => x - 0.1 * (g + 0.5 * x));
    }

    [Test]
    public void MomentumIsDampenedFromTheSecondStepOn()
    {
        double v = 0;
        Agree(p => optim.SGD(p, 0.1, 0.9, 0.2), (x, g, step) =>
        {
            v = step == 1 ? g : 0.9 * v + 0.8 * g;
            return x - 0.1 * v;
        });
        v = 0;
        Agree(p => optim.SGD(p, 0.1, 0.9, nesterov: true), (x, g, _) =>
        {
            v = 0.9 * v + g;
            return x - 0.1 * (g + 0.9 * v);
        });
    }

    private static Func<double, double, int, double> AdamFormula(double decay, bool decoupled, bool amsgrad = false, int sign = 1)
    {
        double m = 0, v = 0, largest = 0;
        return (x, g, step) =>
        {
            g *= sign;
            if (decoupled) x *= 1 - 0.05 * decay;
            else g += decay * x;
            m = 0.8 * m + 0.2 * g;
            v = 0.95 * v + 0.05 * g * g;
            largest = Math.Max(largest, v);
            var mean = m / (1 - Math.Pow(0.8, step));
            var deviation = Math.Sqrt((amsgrad ? largest : v) / (1 - Math.Pow(0.95, step)));
            return x - 0.05 * mean / (deviation + 1e-6);
        };
    }

    [Test]
    public void AdamAndAdamW()
    {
        Agree(p => optim.Adam(p, 0.05, 0.8, 0.95, 1e-6, 0.1), AdamFormula(0.1, decoupled: false));
        Agree(p => optim.Adam(p, 0.05, 0.8, 0.95, 1e-6, amsgrad: true), AdamFormula(0, false, amsgrad: true));
        Agree(p => optim.AdamW(p, 0.05, 0.8, 0.95, 1e-6, 0.1), AdamFormula(0.1, decoupled: true));
        Agree(p => optim.AdamW(p, 0.05, 0.8, 0.95, 1e-6, 0.1, true, true), AdamFormula(0.1, true, true, -1));
        Agree(p => optim.AdamW(p, 0.05, 0.8, 0.95, 1e-6), AdamFormula(0, true));
    }

    [Test]
    public void RootMeanSquarePropagation()
    {
        double s = 0, mean = 0, v = 0;
        Agree(p => optim.RMSProp(p, 0.02, 0.9, 1e-6, 0.1), (x, g, _) =>
        {
            g += 0.1 * x;
            s = 0.9 * s + 0.1 * g * g;
            return x - 0.02 * g / (Math.Sqrt(s) + 1e-6);
        });
        s = 0;
        Agree(p => optim.RMSProp(p, 0.02, 0.9, 1e-6, momentum: 0.5, centered: true), (x, g, _) =>
        {
            s = 0.9 * s + 0.1 * g * g;
            mean = 0.9 * mean + 0.1 * g;
            v = 0.5 * v + g / (Math.Sqrt(s - mean * mean) + 1e-6);
            return x - 0.02 * v;
        });
    }

    [Test]
    public void AdaptiveGradient()
    {
        double s = 0.5;
        Agree(p => optim.Adagrad(p, 0.2, 0.1, 0.1, 0.5, 1e-6), (x, g, step) =>
        {
            g += 0.1 * x;
            s += g * g;
            return x - 0.2 / (1 + (step - 1) * 0.1) * g / (Math.Sqrt(s) + 1e-6);
        });
    }

    [Test]
    public void ManyShapesAndStridesAreSteppedAlike()
    {
        manual_seed(1);
        Parameter[] parameters = [new(randn(3, 4).t()), new(randn(1)), new(randn(2, 3, 5))];
        using var together = optim.AdamW(parameters, 0.1, weight_decay: 0.1);
        var copies = parameters.Select(p => new Parameter(p.detach().clone())).ToArray();
        var apart = copies.Select(p => optim.AdamW([p], 0.1, weight_decay: 0.1)).ToArray();
        for (var i = 0; i < 3; i++)
        {
            foreach (var p in parameters.Concat(copies)) p.pow(3).sum().backward();
            together.step();
            foreach (var optimizer in apart) optimizer.step();
            foreach (var p in parameters.Concat(copies)) p.grad.zero_();
        }
        foreach (var (p, copy) in parameters.Zip(copies)) Assert.That(p.equal(copy).item<bool>(), Is.True);
    }

    [Test]
    public void ParametersWithoutGradientAreLeftAlone()
    {
        Parameter used = new(ones(2)), unused = new(ones(2));
        using var optimizer = optim.AdamW([used, unused], 0.1, weight_decay: 0.5);
        used.sum().backward();
        optimizer.step();

        Assert.That(unused.data<float>().ToArray(), Has.All.EqualTo(1));
        Assert.That(used.data<float>().ToArray(), Has.All.LessThan(1));

        // once there was a gradient, zeros count as one
        unused.sum().backward();
        optimizer.step();
        optimizer.zero_grad();
        var before = unused[0].item<float>();
        optimizer.step();
        Assert.That(unused[0].item<float>(), Is.LessThan(before));
    }

    [Test]
    public void GroupsHaveTheirOwnSettings()
    {
        Parameter weight = new(ones(1)), bias = new(ones(1));
        using var optimizer = optim.AdamW([new AdamW.ParamGroup([weight], 0.1, weight_decay: 0.5), new AdamW.ParamGroup([bias], 0.2)]);
        Assert.That(optimizer.parameters(), Is.EqualTo(new[] { weight, bias }));
        Assert.That(optimizer.ParamGroups.Select(group => group.LearningRate), Is.EqualTo(new[] { 0.1, 0.2 }));

        (weight * 0 + bias * 0).sum().backward();
        optimizer.step();

        Assert.That(weight.item<float>(), Is.EqualTo(0.95f));
        Assert.That(bias.item<float>(), Is.EqualTo(1));
    }

    [Test]
    public void ClosureGivesTheLoss()
    {
        var x = new Parameter(ones(1));
        using var optimizer = optim.SGD([x], 0.5);
        Tensor loss;
        using (no_grad())
        {
            loss = optimizer.step(() =>
            {
                var value = (x * x).sum();
                value.backward();
                return value;
            });
        }
        Assert.That(loss.item<float>(), Is.EqualTo(1));
        Assert.That(x.item<float>(), Is.Zero);
    }

    private static Func<Parameter[], OptimizerHelper>[] Makers =>
    [
        p => optim.SGD(p, 0.1, 0.9), p => optim.Adam(p, 0.1, amsgrad: true), p => optim.AdamW(p, 0.1, weight_decay: 0.1),
        p => optim.RMSProp(p, 0.1, momentum: 0.9, centered: true), p => optim.Adagrad(p, 0.1),
    ];

    [TestCaseSource(nameof(Makers))]
    public void ResumedTrainingEqualsUninterrupted(Func<Parameter[], OptimizerHelper> make)
    {
        static void Train(Parameter x, optim.Optimizer optimizer)
        {
            for (var i = 0; i < 3; i++)
            {
                optimizer.zero_grad();
                (x * x * x).sum().backward();
                optimizer.step();
            }
        }
        var path = Path.Combine(TestContext.CurrentContext.WorkDirectory, "optimizer.dat");
        var whole = new Parameter(tensor(new float[] { 1, 2, 3 }));
        using var optimizer = make([whole]);
        Train(whole, optimizer);
        optimizer.ParamGroups.Single().LearningRate = 0.05;
        var resumed = new Parameter(whole.detach().clone());
        using var other = make([resumed]);
        try
        {
            optimizer.save_state_dict(path);
            other.load_state_dict(path);
        }
        finally { File.Delete(path); }
        Train(whole, optimizer);
        Train(resumed, other);

        Assert.That(other.ParamGroups.Single().LearningRate, Is.EqualTo(0.05));
        Assert.That(resumed.equal(whole).item<bool>(), Is.True);
    }

    [Test]
    public void StateOfAnotherOptimizerIsRefused()
    {
        using var stream = new MemoryStream();
        optim.Adam([new Parameter(ones(2))]).save_state_dict(new BinaryWriter(stream));
        var bytes = stream.ToArray();
        BinaryReader Reader(int length) => new(new MemoryStream(bytes[..length]));

        Assert.That(() => optim.Adam([new Parameter(ones(3))]).load_state_dict(Reader(bytes.Length)), Throws.ArgumentException.With.Message.Contains("[3]"));
        Assert.That(() => optim.Adagrad([new Parameter(ones(2))]).load_state_dict(Reader(bytes.Length)), Throws.ArgumentException.With.Message.Contains("2 state tensors"));
        Assert.That(() => optim.Adam([new Parameter(ones(2))]).load_state_dict(Reader(bytes.Length - 1)), Throws.InstanceOf<EndOfStreamException>());
    }

    [Test]
    public void DisposedOptimizerStepsNoMore()
    {
        var x = new Parameter(ones(1));
        var optimizer = optim.AdamW([x]);
        x.sum().backward();
        optimizer.Dispose();

        Assert.That(() => optimizer.step(), Throws.InvalidOperationException.With.Message.Contains("disposed"));
        Assert.That(x.item<float>(), Is.EqualTo(1));
    }

    [TestCase(2, 5.0)]
    [TestCase(1, 7.0)]
    [TestCase(double.PositiveInfinity, 4.0)]
    public void ClippingScalesAllGradientsTogether(double normType, double norm)
    {
        Parameter a = new(zeros(1)), b = new(zeros(1)), none = new(zeros(1));
        (a * 3 - b * 4).sum().backward();

        Assert.That(nn.utils.clip_grad_norm_([a, b, none], norm / 2, normType), Is.EqualTo(norm).Within(1e-6));
        Assert.That(a.grad.item<float>(), Is.EqualTo(1.5f).Within(1e-5));
        Assert.That(b.grad.item<float>(), Is.EqualTo(-2f).Within(1e-5));
        Assert.That(nn.utils.clip_grad_norm_([a, b], 100, normType), Is.EqualTo(norm / 2).Within(1e-5));
        Assert.That(a.grad.item<float>(), Is.EqualTo(1.5f).Within(1e-5));
        Assert.That(nn.utils.clip_grad_norm_([none], 1), Is.Zero);
    }

    [Test]
    public void SchedulesFollowTheirFormulas()
    {
        using var optimizer = optim.SGD([new Parameter(ones(1))], 0.8);
        var cosine = optim.lr_scheduler.CosineAnnealingLR(optimizer, 4, 0.2);
        for (var epoch = 1; epoch <= 12; epoch++)
        {
            cosine.step();
            Assert.That(cosine.get_last_lr().Single(), Is.EqualTo(0.2 + 0.3 * (1 + Math.Cos(Math.PI * epoch / 4))).Within(1e-12), $"epoch {epoch}");
        }

        optimizer.ParamGroups.Single().LearningRate = 1;
        var steps = optim.lr_scheduler.StepLR(optimizer, 2, 0.5);
        var rates = Enumerable.Range(0, 5).Select(_ => { steps.step(); return steps.get_last_lr().Single(); }).ToArray();
        Assert.That(rates, Is.EqualTo(new[] { 1, 0.5, 0.5, 0.25, 0.25 }));

        optim.lr_scheduler.StepLR(optimizer, 2, 0.5, last_epoch: 5);
        Assert.That(optimizer.ParamGroups.Single().LearningRate, Is.EqualTo(0.125));
    }

    /// <summary>What is read from AdamW's state and written into that of another lets the other go on as the first would.</summary>
    [Test]
    public void AdamWsStateCanBeTakenOver()
    {
        static Tensor Loss(Parameter x) => ((x - 3) * (x - 3) / 2).sum();
        static void Step(optim.Optimizer optimizer, Parameter x)
        {
            optimizer.zero_grad();
            Loss(x).backward();
            optimizer.step();
        }
        Parameter a = new(full([2, 1], 5f)), b = new(full([2, 1], 5f)), untouched = new(ones(1));
        using var first = optim.AdamW([a, untouched], 0.1, weight_decay: 0.01);
        for (var i = 0; i < 5; i++) Step(first, a);
        AdamW.State[] states = [.. first.state_dict().State.Cast<AdamW.State>()];
        Assert.That(states.Select(state => state.step), Is.EqualTo(new long[] { 5, 0 }));

        using var second = optim.AdamW([b], 0.1, weight_decay: 0.01);
        var taken = (AdamW.State)second.state_dict().State.Single();
        using (no_grad())
        {
            b.copy_(a);
            taken.exp_avg.copy_(states[0].exp_avg);
            taken.exp_avg_sq.copy_(states[0].exp_avg_sq);
        }
        taken.step = states[0].step;
        Step(first, a);
        Step(second, b);
        Assert.That(b.data<float>().ToArray(), Is.EqualTo(a.data<float>().ToArray()));
    }
}
