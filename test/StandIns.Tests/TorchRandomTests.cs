using NUnit.Framework;
using static TorchSharp.torch;

namespace StandIns.Tests;

[TestFixture, NonParallelizable]
public class TorchRandomTests
{
    [Test]
    public void Seeded_values_are_libtorchs()
    {
        using var scope = NewDisposeScope();
        manual_seed(1234);
        Assert.That(rand(2, 3).data<float>().ToArray(), Is.EqualTo(new[] { 0.028979f, 0.4019f, 0.25984f, 0.36664f, 0.058301f, 0.70064f }).Within(1e-5));
        manual_seed(1234);
        Assert.That(randperm(10).data<long>().ToArray(), Is.EqualTo(new long[] { 5, 4, 8, 2, 6, 9, 1, 7, 0, 3 }));
        manual_seed(1234);
        Assert.That(randint(0, 100, [8]).data<long>().ToArray(), Is.EqualTo(new long[] { 75, 71, 6, 65, 16, 64, 32, 25 }));
        Assert.That(random.initial_seed(), Is.EqualTo(1234));
    }

    [Test]
    public void A_generator_repeats_from_its_seed_and_from_its_state()
    {
        using var scope = NewDisposeScope();
        using var first = new Generator(42);
        using var second = new Generator().manual_seed(42);
        Assert.That(rand(5, generator: first).equal(rand(5, generator: second)).item<bool>());
        var state = first.get_state();
        var values = randn([7], generator: first);
        first.set_state(state);
        Assert.That(randn([7], generator: first).equal(values).item<bool>());
        Assert.That((first.initial_seed(), first.device.type), Is.EqualTo((42L, TorchSharp.DeviceType.CPU)));
        Assert.That(first.seed(), Is.EqualTo(first.initial_seed()));
    }

    [Test]
    public void The_global_state_can_be_taken_and_put_back()
    {
        using var scope = NewDisposeScope();
        var state = random.get_rng_state();
        var values = rand(4);
        random.set_rng_state(state);
        Assert.That(rand(4).equal(values).item<bool>());
        Assert.That(random.seed(), Is.EqualTo(Generator.Default.initial_seed()));
        manual_seed(0);
    }

    [Test]
    public void Distributions_have_their_moments()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(3);
        const int count = 40_000;
        Assert.That(Moments(zeros(count).normal_(1, 2, generator)), Is.EqualTo((1.0, 2.0)).Using<(double, double)>(Close));
        Assert.That(Moments(zeros(count).uniform_(-1, 1, generator)), Is.EqualTo((0.0, Math.Sqrt(1.0 / 3))).Using<(double, double)>(Close));
        Assert.That(Moments(zeros(count).exponential_(2, generator)), Is.EqualTo((0.5, 0.5)).Using<(double, double)>(Close));
        Assert.That(Moments(zeros(count).bernoulli_(0.2, generator)), Is.EqualTo((0.2, 0.4)).Using<(double, double)>(Close));
        Assert.That(Moments(bernoulli(full([count], 0.8f), generator)), Is.EqualTo((0.8, 0.4)).Using<(double, double)>(Close));
        Assert.That(multinomial(tensor(new[] { 0f, 1, 0 }), 5, true, generator).data<long>().ToArray(), Is.All.EqualTo(1));
        Assert.That(Moments(rand_like(zeros(count))).mean, Is.EqualTo(0.5).Within(0.03));
        Assert.That(Moments(randn_like(zeros(count))).deviation, Is.EqualTo(1).Within(0.03));

        static bool Close((double mean, double deviation) a, (double mean, double deviation) b) =>
            Math.Abs(a.mean - b.mean) < 0.05 && Math.Abs(a.deviation - b.deviation) < 0.05;
    }

    private static (double mean, double deviation) Moments(Tensor values) => (values.mean().item<float>(), values.std().item<float>());
}
