using System.Reflection;
using NUnit.Framework;

namespace StandIns.Tests;

/// <summary>
/// A stand-in bridges to the official packages, so it may have no public or protected member that they lack, in any detail.
/// The folder `official` lists theirs (ML.NET 5.0.0, TorchSharp 0.102), a type a paragraph.
/// </summary>
public class OfficialApiTests
{
    [TestCase("Microsoft.ML")]
    [TestCase("TorchSharp")]
    public void Every_member_of_a_stand_in_is_official(string name)
    {
        var standIn = OfficialApiLister.Lines(Assembly.Load(name)).ToList();
        var official = Official(File.ReadLines(Path.Combine(AppContext.BaseDirectory, "official", name + ".txt")));
        Assert.That(standIn, Is.Not.Empty);
        Assert.That(standIn.Where(line => !official.Contains(line)), Is.Empty);
    }

    [Test]
    public void A_listing_keeps_the_members_of_a_type_under_it()
    {
        string[] declared = ["N.T  sealed class", "  public int Count { get; }", "  public ctor(float rate = 1f)", "", "N.E  enum : byte", "  One = 1"];
        Assert.That(Official(declared), Is.EquivalentTo(new[]
        {
            "N.T  sealed class", "N.T :: public int Count { get; }", "N.T :: public ctor(float rate = 1f)", "N.E  enum : byte", "N.E :: One = 1",
        }));
    }

    [Test]
    public void Declarations_are_listed_as_written()
    {
        const string name = "StandIns.Tests.OfficialApiSpecimen<T>";
        Assert.That(OfficialApiLister.Lines(typeof(OfficialApiSpecimen<>)), Is.EquivalentTo(new[]
        {
            $"{name}  abstract class",
            $"{name} :: protected ctor(params long[][,] shape)",
            $"{name} :: public const string Text = \"a\\\"b\"",
            $"{name} :: public static readonly float? Rate",
            $"{name} :: public abstract (int row, T[] values) Pair {{ get; protected set; }}",
            $"{name} :: public int Item[int index, bool strict = true] {{ get; init; }}",
            $"{name} :: [Obsolete] public event System.EventHandler<T> Changed",
            $"{name} :: public sealed override string ToString()",
            $"{name} :: protected internal static ref readonly T Find<TKey>(in TKey key, out int* place, System.DayOfWeek day = System.DayOfWeek.Friday, double? scale = null) where TKey : unmanaged",
            $"{name} :: public static {name} op_Addition({name} left, T right)",
        }));
        Assert.That(OfficialApiLister.Lines(typeof(OfficialApiSpecimen<>.Choice)), Is.EquivalentTo(new[]
        {
            $"{name}.Choice  [Flags] enum : byte", $"{name}.Choice :: Left = 1", $"{name}.Choice :: Right = 2",
        }));
        Assert.That(OfficialApiLister.Lines(typeof(OfficialApiSpecimen<>.Make<>)), Is.EqualTo(new[]
        {
            $"{name}.Make<TResult>  protected delegate TResult (ref T value) where TResult : class, System.IDisposable, new()",
        }));
        Assert.That(OfficialApiLister.Lines(typeof(OfficialApiSpecimenExtensions)), Is.EquivalentTo(new[]
        {
            "StandIns.Tests.OfficialApiSpecimenExtensions  static class",
            "StandIns.Tests.OfficialApiSpecimenExtensions :: public static int Twice(this int number)",
        }));
    }

    /// <summary>The lines of a listing whose members stand, indented, under the line of their type.</summary>
    private static HashSet<string> Official(IEnumerable<string> listing)
    {
        var lines = new HashSet<string>(StringComparer.Ordinal);
        var type = "";
        foreach (var line in listing.Where(line => line.Length > 0))
        {
            if (line.StartsWith("  ", StringComparison.Ordinal)) lines.Add($"{type} :: {line[2..]}");
            else
            {
                type = line[..line.IndexOf("  ", StringComparison.Ordinal)];
                lines.Add(line);
            }
        }
        return lines;
    }
}
