namespace StandIns.Tests;

#pragma warning disable CS0067, CA1711, CA1715, CA1716, CA2211, CA1000, CA1045 // a specimen of what can be declared, not of good taste
/// <summary>Everything that <see cref="OfficialApiLister"/> must be able to write down.</summary>
public abstract unsafe class OfficialApiSpecimen<T>
{
    public const string Text = "a\"b";
    public static readonly float? Rate = 1;
    private static T value = default!;

    protected OfficialApiSpecimen(params long[][,] shape) => Unseen(shape);

    public abstract (int row, T[] values) Pair { get; protected set; }
    public int this[int index, bool strict = true] { get => strict ? index : 0; init => Unseen(value); }
    [Obsolete("to be listed as such")] public event EventHandler<T>? Changed;
    public sealed override string ToString() => Text;

    protected internal static ref readonly T Find<TKey>(in TKey key, out int* place, DayOfWeek day = DayOfWeek.Friday, double? scale = null)
        where TKey : unmanaged
    {
        place = null;
        return ref value;
    }

    public static OfficialApiSpecimen<T> operator +(OfficialApiSpecimen<T> left, T right) => left;

    internal static void Unseen(object? anything) => value = anything is T found ? found : value;

    [Flags]
    public enum Choice : byte { Left = 1, Right = 2 }

    protected internal delegate TResult Make<TResult>(ref T value) where TResult : class, IDisposable, new();
}

public static class OfficialApiSpecimenExtensions
{
    public static int Twice(this int number) => 2 * number;
}
