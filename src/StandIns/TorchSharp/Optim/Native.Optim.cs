using System.Runtime.InteropServices;

namespace TorchSharp;

internal static unsafe partial class Native
{
    [LibraryImport(Library)] internal static partial Outcome ts_clear_gradients(nint[] parameters, long count, Flag set_to_none);
    [LibraryImport(Library)] internal static partial Outcome ts_clip_gradients(nint[] parameters, long count, double max_norm, double norm_type, double* norm);

    // Arrays of state tensors may be null where a setting leaves them out; steps count up.
    [LibraryImport(Library)]
    internal static partial Outcome ts_adam(nint[] parameters, nint[] averages, nint[] squares, nint[] maxima, [In, Out] long[] steps, long count,
        double lr, double beta1, double beta2, double eps, double decay, Flag decoupled, Flag maximize);
    [LibraryImport(Library)]
    internal static partial Outcome ts_sgd(nint[] parameters, nint[] momenta, [In, Out] long[] steps, long count,
        double lr, double momentum, double dampening, double decay, Flag nesterov, Flag maximize);
    [LibraryImport(Library)]
    internal static partial Outcome ts_rmsprop(nint[] parameters, nint[] squares, nint[] averages, nint[] momenta, [In, Out] long[] steps, long count,
        double lr, double alpha, double eps, double decay, double momentum, Flag maximize);
    [LibraryImport(Library)]
    internal static partial Outcome ts_adagrad(nint[] parameters, nint[] sums, [In, Out] long[] steps, long count,
        double lr, double lr_decay, double eps, double decay);
}
