using Microsoft.ML.DrSeg.Common;
using Microsoft.ML.DrSeg.Mpi;

namespace Microsoft.ML.DrSeg.Tool;

/// <summary>This process among those that mpirun has started for one command; it is alone, and the first, where nobody has.</summary>
internal static class Ranks
{
    public const string Topic = "Many machines", TimeLimitDescription = "Minutes that a rank waits for the others before it gives up and ends the job, at least 1; only under mpirun";

    /// <summary>How long ranks wait for each other where nobody says otherwise, in minutes.</summary>
    public const int UsualTimeLimit = 30;

    private static MpiProcessGroup? _joined;

    /// <summary>Whether this is the one that writes and shows.</summary>
    public static bool IsFirst { get; private set; } = true;

    /// <summary>Joins the others; null where there are none.</summary>
    /// <exception cref="InvalidOperationException">There are others, but no MPI to join them by.</exception>
    public static IProcessGroup? Join(int minutes)
    {
        _joined = MpiProcessGroup.JoinIfStarted(TimeSpan.FromMinutes(minutes));
        IsFirst = _joined is null or { Rank: 0 };
        if (_joined is { Rank: 0 })
            foreach ((int rank, string member) in _joined.Members.Index()) Console.Error.WriteLine($"{CommandLineProgram.Name}: rank {rank} of {_joined.Size} is {member}");
        return _joined;
    }

    /// <summary>Comes to the end together with the others.</summary>
    public static void Leave()
    {
        _joined?.Leave();
        _joined = null;
    }

    /// <summary>Ends the whole job, where there is one.</summary>
    public static void Abort(int code, string why) => _joined?.Abort(code, why);
}
