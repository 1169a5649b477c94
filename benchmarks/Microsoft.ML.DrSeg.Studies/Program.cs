using System.CommandLine;
using Microsoft.ML.DrSeg.Studies;
using Microsoft.ML.DrSeg.Tool;

return await CommandLineProgram.Run("studies", StudiesCommand.Create(), args);

namespace Microsoft.ML.DrSeg.Studies
{
    /// <summary>The command line of the studies behind docs/results.</summary>
    internal static class StudiesCommand
    {
        public static RootCommand Create() => new("Studies of Dr. Seg for .NET: what its figures rest on.")
        {
            StudyCommand.Create(),
            AblateCommand.Create(),
            VarianceCommand.Create(),
            ObjectsCommand.Create(),
        };
    }
}
