namespace Microsoft.ML.Runtime;

public interface IChannelProvider : IExceptionContext
{
    /// <summary>Opens a channel for messages; disposing it closes it.</summary>
    IChannel Start(string name);
}
