// New tensors: filled, ranged, copied from managed memory.
#include "standin.h"

#include <cstring>

TENSOR_OP(empty, (const int64_t* s, int64_t n, int type, int device, int index), at::empty(Shape(s, n), options(type, device, index)))
TENSOR_OP(zeros, (const int64_t* s, int64_t n, int type, int device, int index), at::zeros(Shape(s, n), options(type, device, index)))
TENSOR_OP(ones, (const int64_t* s, int64_t n, int type, int device, int index), at::ones(Shape(s, n), options(type, device, index)))
TENSOR_OP(full, (const int64_t* s, int64_t n, Number value, int type, int device, int index), at::full(Shape(s, n), value, options(type, device, index)))
TENSOR_OP(eye, (int64_t rows, int64_t columns, int type, int device, int index), at::eye(rows, columns, options(type, device, index)))
TENSOR_OP(arange, (Number start, Number stop, Number step, int type, int device, int index), at::arange(start, stop, step, options(type, device, index)))
TENSOR_OP(linspace, (double start, double stop, int64_t steps, int type, int device, int index), at::linspace(start, stop, steps, options(type, device, index)))

static at::TensorOptions like(const Tensor& t, int type, int device, int index)
{
    auto o = t.options();
    if (type >= 0) o = o.dtype(static_cast<at::ScalarType>(type));
    if (device >= 0) o = o.device(at::Device(static_cast<at::DeviceType>(device), static_cast<at::DeviceIndex>(index)));
    return o;
}
TENSOR_OP(empty_like, (Tensor* t, int type, int device, int index), at::empty_like(*t, like(*t, type, device, index)))
TENSOR_OP(zeros_like, (Tensor* t, int type, int device, int index), at::zeros_like(*t, like(*t, type, device, index)))
TENSOR_OP(ones_like, (Tensor* t, int type, int device, int index), at::ones_like(*t, like(*t, type, device, index)))
TENSOR_OP(full_like, (Tensor* t, Number value, int type, int device, int index), at::full_like(*t, value, like(*t, type, device, index)))

// A copy of `bytes` bytes, element type `source`, converted to `type` on the device.
static Tensor from_memory(const void* data, int64_t bytes, const int64_t* s, int64_t n, int source, int type, int device, int index)
{
    Tensor t = at::empty(Shape(s, n), at::TensorOptions().dtype(static_cast<at::ScalarType>(source)));
    TORCH_CHECK(static_cast<int64_t>(t.nbytes()) == bytes, "mismatched total size: ", bytes, " bytes of data for a tensor of ", t.nbytes(), " bytes");
    if (bytes > 0) std::memcpy(t.data_ptr(), data, static_cast<size_t>(bytes));
    return t.to(options(type, device, index));
}
TENSOR_OP(from_memory, (const void* data, int64_t bytes, const int64_t* s, int64_t n, int source, int type, int device, int index),
    from_memory(data, bytes, s, n, source, type, device, index))
