// Prepares the process before libtorch is loaded; its constructor runs when the managed side loads it.
//
// BLAS: OpenBLAS with a thread pool of its own fights libtorch's OpenMP pool for the cores. Where the build that shares
// OpenMP's pool is installed beside it, that one is loaded first; libtorch then finds its BLAS present by its name.
// Threads: a waiting OpenMP thread spins for long by default and so takes the core from whatever prepares the next batch; one
// that goes to sleep at once has to be woken for every small operation, which doubles the time of a single answer.
// Memory: training frees and takes the same large blocks at every step. By default the C library hands them back to the
// system, and page faults on fresh memory then cost as much as the arithmetic; it is told to keep them. And it would give
// every thread a heap of its own, each of which keeps what its busiest moment took; one heap is enough for a few large blocks.
#if defined(__linux__)
#include <dlfcn.h>
#include <malloc.h>
#include <stdlib.h>

#include <string>

__attribute__((constructor)) static void prepare()
{
#if defined(__x86_64__)
    const std::string folder = "/usr/lib/x86_64-linux-gnu/openblas-openmp/";
#elif defined(__aarch64__)
    const std::string folder = "/usr/lib/aarch64-linux-gnu/openblas-openmp/";
#else
    const std::string folder = "/usr/lib/openblas-openmp/";
#endif
    // Read by libgomp when it is loaded, which OpenBLAS is about to do; a choice of the user's stays.
    if (!getenv("OMP_WAIT_POLICY"))
        setenv("GOMP_SPINCOUNT", "10000", 0);
    // The implementation first: the other two need it by its name and would otherwise fetch the machine's default one.
    for (const char* name : {"libopenblas.so.0", "libblas.so.3", "liblapack.so.3"})
        dlopen((folder + name).c_str(), RTLD_NOW | RTLD_GLOBAL);

    mallopt(M_ARENA_MAX, 1);
    mallopt(M_MMAP_MAX, 0);
    mallopt(M_TRIM_THRESHOLD, -1); // never hand memory back
    mallopt(M_TOP_PAD, 256 << 20);
}
#endif
