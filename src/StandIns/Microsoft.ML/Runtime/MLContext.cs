using Microsoft.ML.Runtime;

namespace Microsoft.ML;

/// <summary>Where everything begins: the catalogs, the seed, the log and the choice of device.</summary>
public sealed class MLContext : IHostEnvironment
{
    private readonly Host _host;

    /// <param name="seed">Fixes every random choice; without it they differ from run to run.</param>
    public MLContext(int? seed = null)
    {
        _host = new Host(null, seed.HasValue ? new Random(seed.Value) : new Random(), entry => Log?.Invoke(this, entry));
        Data = new DataOperationsCatalog(_host, seed);
        Transforms = new TransformsCatalog();
        Model = new ModelOperationsCatalog(this);
    }

    public event EventHandler<LoggingEventArgs> Log;

    public DataOperationsCatalog Data { get; }

    public TransformsCatalog Transforms { get; }

    public ModelOperationsCatalog Model { get; }

    public ComponentCatalog ComponentCatalog { get; } = new();

    /// <summary>The number of the GPU to compute on; null for the processor.</summary>
    public int? GpuDeviceId { get; set; }

    /// <summary>Whether the processor may take over where there is no such GPU.</summary>
    public bool FallbackToCpu { get; set; }

    string IExceptionContext.ContextDescription => _host.ContextDescription;

    IHost IHostEnvironment.Register(string name, int? seed, bool? verbose) => _host.Register(name, seed, verbose);

    IChannel IChannelProvider.Start(string name) => _host.Start(name);

    TException IExceptionContext.Process<TException>(TException ex) => _host.Process(ex);
}
