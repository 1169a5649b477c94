// Threads and devices.
#include "standin.h"

#include <ATen/Parallel.h>
#include <torch/cuda.h>

#include <cstdlib>
#include <thread>

// libtorch as some distributions build it starts with one thread: every core instead, unless the user said otherwise.
static const bool threads_set = [] {
    const unsigned cores = std::thread::hardware_concurrency();
    if (cores > 0 && !std::getenv("OMP_NUM_THREADS")) at::set_num_threads(static_cast<int>(cores));
    return true;
}();

VOID_OP(set_num_threads, (int count), at::set_num_threads(count))
EXPORT int ts_get_num_threads() { return at::get_num_threads(); }
EXPORT int ts_cuda_is_available() { return guarded([] { return static_cast<int>(torch::cuda::is_available()); }); }
EXPORT int ts_cuda_device_count() { return guarded([] { return static_cast<int>(torch::cuda::device_count()); }); }
VOID_OP(cuda_synchronize, (int index), torch::cuda::synchronize(index))
