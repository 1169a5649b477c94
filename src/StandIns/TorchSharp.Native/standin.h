// What every source of the native half shares.
//
// Every export is a C function made by one of the macros below. None lets an exception out: the message is kept for the
// calling thread, and the result says that there is one (no tensor, or 0 instead of 1). Tensors travel as pointers to
// at::Tensor that the caller owns; optional ones may be null. Shapes are pointer and length, scalars plain values.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <exception>
#include <type_traits>
#include <utility>

#if defined(_WIN32)
#define EXPORT extern "C" __declspec(dllexport)
#else
#define EXPORT extern "C" __attribute__((visibility("default")))
#endif

using at::Tensor;
using Shape = at::IntArrayRef;

// The optional that this libtorch's functions take: c10's own up to 2.3, the standard library's later.
template <class> struct OptionalTemplate;
template <template <class> class O, class T> struct OptionalTemplate<O<T>> { template <class U> using Of = O<U>; };
template <class T>
using Optional = typename OptionalTemplate<decltype(std::declval<at::TensorOptions>().dtype_opt())>::template Of<T>;

// A number as the managed side passes it, without a native object behind it.
struct Number
{
    enum Kind : int64_t { Absent = -1, Integer = 0, Floating = 1, Boolean = 2 };

    int64_t kind;
    union { int64_t integer; double floating; };

    operator at::Scalar() const
    {
        return kind == Floating ? at::Scalar(floating) : kind == Boolean ? at::Scalar(integer != 0) : at::Scalar(integer);
    }
    Optional<at::Scalar> optional() const
    {
        return kind == Absent ? Optional<at::Scalar>() : Optional<at::Scalar>(at::Scalar(*this));
    }
};

void keep_error(const char* message) noexcept;

template <class F> auto guarded(F&& f) noexcept -> decltype(f())
{
    try { return f(); }
    catch (const c10::Error& e) { keep_error(e.what_without_backtrace()); }
    catch (const std::exception& e) { keep_error(e.what()); }
    catch (...) { keep_error("unknown native exception"); }
    return {};
}

// An undefined tensor (no gradient yet, say) is null without an error.
inline Tensor* own(Tensor t) { return t.defined() ? new Tensor(std::move(t)) : nullptr; }

inline Optional<Tensor> maybe(const Tensor* t) { return t ? Optional<Tensor>(*t) : Optional<Tensor>(); }
inline Optional<at::ScalarType> maybe_type(int type)
{
    return type < 0 ? Optional<at::ScalarType>() : Optional<at::ScalarType>(static_cast<at::ScalarType>(type));
}
inline Optional<int64_t> maybe_long(const int64_t* value) { return value ? Optional<int64_t>(*value) : Optional<int64_t>(); }
inline Optional<double> maybe_double(const double* value) { return value ? Optional<double>(*value) : Optional<double>(); }
inline Optional<at::Generator> maybe(const at::Generator* g) { return g ? Optional<at::Generator>(*g) : Optional<at::Generator>(); }

inline at::TensorOptions options(int type, int device_type, int device_index)
{
    return at::TensorOptions().dtype(static_cast<at::ScalarType>(type))
        .device(at::Device(static_cast<at::DeviceType>(device_type), static_cast<at::DeviceIndex>(device_index)));
}

inline std::vector<Tensor> list(Tensor* const* tensors, int64_t count)
{
    std::vector<Tensor> result;
    result.reserve(count);
    for (int64_t i = 0; i < count; i++) result.push_back(*tensors[i]);
    return result;
}

// Hands a list of tensors out: the count, and in `out` an array that lives until the thread's next such call; -1 on error.
int64_t give(std::vector<Tensor> tensors, Tensor*** out);

#define TENSOR_OP(name, parameters, ...) \
    EXPORT Tensor* ts_##name parameters { return guarded([&] { return own(__VA_ARGS__); }); }
#define VOID_OP(name, parameters, ...) \
    EXPORT int ts_##name parameters { return guarded([&] { __VA_ARGS__; return 1; }); }
#define TENSORS_OP(name, parameters, ...) \
    EXPORT int64_t ts_##name parameters { return guarded([&] { return 1 + give(__VA_ARGS__, out); }) - 1; }
// Two results, the second by `second`.
#define PAIR_OP(name, parameters, ...) \
    EXPORT Tensor* ts_##name parameters \
    { return guarded([&] { auto pair = __VA_ARGS__; *second = own(std::get<1>(pair)); return own(std::get<0>(pair)); }); }
