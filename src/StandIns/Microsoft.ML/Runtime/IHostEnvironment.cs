namespace Microsoft.ML.Runtime;

public interface IHostEnvironment : IChannelProvider
{
    /// <summary>A host for one component, with a name for its messages and a random generator of its own.</summary>
    IHost Register(string name, int? seed = null, bool? verbose = null);
}
