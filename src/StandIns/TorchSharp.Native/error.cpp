// The last error of each thread, and lists of results.
#include "standin.h"

#include <string>

static thread_local std::string last_error;
static thread_local std::vector<Tensor*> results;

void keep_error(const char* message) noexcept
{
    try { last_error = message && *message ? message : "native exception without a message"; }
    catch (...) { last_error.clear(); }
}

int64_t give(std::vector<Tensor> tensors, Tensor*** out)
{
    results.clear();
    results.reserve(tensors.size());
    for (auto& t : tensors) results.push_back(own(std::move(t)));
    *out = results.data();
    return static_cast<int64_t>(results.size());
}

// The message of the last failed call of this thread, or null; valid until the next call.
EXPORT const char* ts_take_error()
{
    static thread_local std::string taken;
    taken.swap(last_error);
    last_error.clear();
    return taken.empty() ? nullptr : taken.c_str();
}
