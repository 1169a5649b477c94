namespace Microsoft.ML.Runtime;

public interface IExceptionContext
{
    /// <summary>Marks an exception as having passed through here, and hands it back to be thrown.</summary>
    TException Process<TException>(TException ex) where TException : Exception;

    string ContextDescription { get; }
}
