namespace Microsoft.ML.DrSeg.Mpi;

/// <summary>Who started this process: told by the environment, so that no MPI is touched where nobody asked for one.</summary>
internal static class Launcher
{
    // Set by MPICH's mpirun (hydra), Slurm's srun --mpi=pmi2 and MS-MPI's mpiexec.
    private const string Rank = "PMI_RANK", Size = "PMI_SIZE";

    // Set by Open MPI's.
    private const string OpenMpi = "OMPI_COMM_WORLD_SIZE";

    /// <summary>The variables, for errors.</summary>
    public static string Described => $"{Rank} is {Environment.GetEnvironmentVariable(Rank)}, {Size} is {Environment.GetEnvironmentVariable(Size)}";

    /// <summary>Whether it is one of several processes of a job.</summary>
    /// <exception cref="InvalidOperationException">The job is of an MPI that these processes cannot join.</exception>
    public static bool HasStartedThis()
    {
        if (Environment.GetEnvironmentVariable(OpenMpi) is not null)
            throw new InvalidOperationException($"This process was started by Open MPI ({OpenMpi} is set), whose library is of another kind than MPICH's: each process would train alone. Start it by MPICH's mpirun (on Debian and Ubuntu: package mpich, program mpirun.mpich), or by srun --mpi=pmi2.");
        return Environment.GetEnvironmentVariable(Rank) is not null && Environment.GetEnvironmentVariable(Size) is not null;
    }
}
