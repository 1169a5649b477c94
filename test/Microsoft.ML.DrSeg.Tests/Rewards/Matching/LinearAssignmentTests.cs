using Microsoft.ML.DrSeg.Rewards;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Tests.Rewards;

public class LinearAssignmentTests
{
    private static (double Total, int[] Columns) Solve(LinearAssignment assignment, double[] costs, int rows, int columns)
    {
        var columnOfRow = new int[rows];
        return (assignment.Solve(costs, rows, columns, columnOfRow), columnOfRow);
    }

    /// <summary>The oracle: every way of choosing.</summary>
    private static double LeastByTrying(double[] costs, int rows, int columns, int row = 0, int used = 0, int skips = -1)
    {
        if (skips < 0)
            skips = Math.Max(0, rows - columns);
        if (row == rows)
            return 0;
        var least = skips > 0 ? LeastByTrying(costs, rows, columns, row + 1, used, skips - 1) : double.PositiveInfinity;
        for (var column = 0; column < columns; column++)
        {
            if ((used & (1 << column)) == 0)
                least = Math.Min(least, costs[row * columns + column] + LeastByTrying(costs, rows, columns, row + 1, used | (1 << column), skips));
        }
        return least;
    }

    private static readonly Dictionary<string, Func<Random, double>> Kinds = new()
    {
        ["random"] = random => random.NextDouble(),
        ["ties"] = random => random.Next(3),
        ["all equal"] = _ => .5,
        ["negative"] = random => random.NextDouble() - 5,
        ["wide range"] = random => Math.Pow(10, random.Next(-9, 9)),
    };

    [Test]
    public void TheTotalIsTheLeastOfAllWaysOfChoosing()
    {
        var random = new Random(1);
        var assignment = new LinearAssignment();
        foreach (var (kind, draw) in Kinds)
        {
            for (var trial = 0; trial < 150; trial++)
            {
                int rows = random.Next(1, 7), columns = random.Next(1, 7);
                var costs = Enumerable.Range(0, rows * columns).Select(_ => draw(random)).ToArray();
                var (total, chosen) = Solve(assignment, costs, rows, columns);
                var expected = LeastByTrying(costs, rows, columns);
                Assert.That(total, Is.EqualTo(expected).Within(1e-12).Percent.Or.EqualTo(expected).Within(1e-12), $"{kind}, {rows} x {columns}: {string.Join(" ", costs)}");
                AssertChoice(costs, rows, columns, chosen, total);
            }
        }
    }

    private static void AssertChoice(double[] costs, int rows, int columns, int[] chosen, double total)
    {
        var pairs = Enumerable.Range(0, rows).Where(row => chosen[row] >= 0).ToArray();
        Assert.That(pairs, Has.Length.EqualTo(Math.Min(rows, columns)));
        Assert.That(pairs.Select(row => chosen[row]), Is.Unique);
        Assert.That(pairs.Sum(row => costs[row * columns + chosen[row]]), Is.EqualTo(total).Within(1e-12).Percent);
    }

    /// <summary>
    /// Too large to try, so the known optimum is built in: costs <c>u_i + v_j + slack</c> with no slack on a hidden
    /// permutation can not be beaten (weak duality).
    /// </summary>
    [TestCase(20, 0.0), TestCase(120, 0.0), TestCase(120, 0.9), TestCase(257, 0.5)]
    public void AHiddenOptimumIsFound(int size, double shareOfTies)
    {
        var random = new Random(size);
        var assignment = new LinearAssignment();
        for (var trial = 0; trial < 5; trial++)
        {
            double[] u = [.. Enumerable.Range(0, size).Select(_ => random.Next(1000) / 8.0)], v = [.. Enumerable.Range(0, size).Select(_ => random.Next(1000) / 8.0)];
            int[] hidden = [.. Enumerable.Range(0, size)];
            random.Shuffle(hidden);
            var costs = new double[size * size];
            for (var i = 0; i < size; i++)
            {
                for (var j = 0; j < size; j++)
                    costs[i * size + j] = u[i] + v[j] + (hidden[i] == j || random.NextDouble() < shareOfTies ? 0 : random.Next(1, 100) / 4.0);
            }
            Assert.That(Solve(assignment, costs, size, size).Total, Is.EqualTo(u.Sum() + v.Sum()));
        }
    }

    [Test]
    public void ARectangleAndItsTransposeCostTheSame()
    {
        var random = new Random(3);
        var assignment = new LinearAssignment();
        foreach (var draw in Kinds.Values)
        {
            for (var trial = 0; trial < 20; trial++)
            {
                int rows = random.Next(1, 60), columns = random.Next(1, 60);
                var costs = Enumerable.Range(0, rows * columns).Select(_ => draw(random)).ToArray();
                var transposed = Enumerable.Range(0, rows * columns).Select(k => costs[k % rows * columns + k / rows]).ToArray();
                var (total, chosen) = Solve(assignment, costs, rows, columns);
                Assert.That(Solve(assignment, transposed, columns, rows).Total, Is.EqualTo(total).Within(1e-10).Percent);
                AssertChoice(costs, rows, columns, chosen, total);
            }
        }
    }

    /// <summary>Costs that make shortest paths long (Machol and Wien 1977): the product of the places.</summary>
    [Test]
    public void AHardMatrixIsSolved()
    {
        const int size = 100;
        var costs = Enumerable.Range(0, size * size).Select(k => (double)(k / size + 1) * (k % size + 1)).ToArray();
        // The least sum of products pairs the largest with the smallest.
        Assert.That(Solve(new(), costs, size, size).Total, Is.EqualTo(Enumerable.Range(1, size).Sum(i => (double)i * (size + 1 - i))));
    }

    [Test]
    public void NothingIsAllocatedOnceTheLargestMatrixIsMet()
    {
        var random = new Random(5);
        var assignment = new LinearAssignment();
        var costs = Enumerable.Range(0, 40 * 40).Select(_ => random.NextDouble()).ToArray();
        var columns = new int[40];
        assignment.Solve(costs, 40, 40, columns);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var size = 40; size > 0; size--)
            assignment.Solve(costs.AsSpan(0, size * size), size, size, columns.AsSpan(0, size));
        Assert.That(GC.GetAllocatedBytesForCurrentThread(), Is.EqualTo(before));
    }

    [Test]
    public void AnEmptyMatrixCostsNothing()
    {
        var assignment = new LinearAssignment();
        Assert.Multiple(() =>
        {
            Assert.That(Solve(assignment, [], 0, 5).Total, Is.Zero);
            Assert.That(Solve(assignment, [], 2, 0).Columns, Is.EqualTo(new[] { -1, -1 }));
        });
    }
}
