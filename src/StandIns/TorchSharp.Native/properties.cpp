// What a tensor is: handle, shape, type, memory, moves between types and devices.
#include "standin.h"

EXPORT void ts_dispose(Tensor* t) { delete t; }
EXPORT int64_t ts_ndimension(Tensor* t) { return t->dim(); }
EXPORT int64_t ts_numel(Tensor* t) { return t->numel(); }
EXPORT int ts_scalar_type(Tensor* t) { return static_cast<int>(t->scalar_type()); }
EXPORT int64_t ts_element_size(Tensor* t) { return static_cast<int64_t>(t->element_size()); }
EXPORT int ts_device_type(Tensor* t) { return static_cast<int>(t->device().type()); }
EXPORT int ts_device_index(Tensor* t) { return static_cast<int>(t->device().index()); }
EXPORT int ts_is_contiguous(Tensor* t) { return t->is_contiguous(); }

VOID_OP(sizes, (Tensor* t, int64_t* out), auto s = t->sizes(); std::copy(s.begin(), s.end(), out))
VOID_OP(strides, (Tensor* t, int64_t* out), auto s = t->strides(); std::copy(s.begin(), s.end(), out))
VOID_OP(data_pointer, (Tensor* t, void** out), *out = t->data_ptr())
VOID_OP(item, (Tensor* t, Number* out),
    at::Scalar s = t->item();
    if (s.isFloatingPoint()) { out->kind = Number::Floating; out->floating = s.toDouble(); }
    else if (s.isBoolean()) { out->kind = Number::Boolean; out->integer = s.toBool(); }
    else { out->kind = Number::Integer; out->integer = s.toLong(); })

TENSOR_OP(alias, (Tensor* t), t->alias())
// A second handle of the same tensor, gradient included.
TENSOR_OP(share, (Tensor* t), *t)
TENSOR_OP(clone, (Tensor* t), t->clone())
TENSOR_OP(contiguous, (Tensor* t), t->contiguous())
TENSOR_OP(detach, (Tensor* t), t->detach())
VOID_OP(detach_, (Tensor* t), t->detach_())
VOID_OP(copy_, (Tensor* t, Tensor* source, bool non_blocking), t->copy_(*source, non_blocking))
VOID_OP(set_, (Tensor* t, Tensor* source), t->set_(*source))
VOID_OP(set_data, (Tensor* t, Tensor* source), t->set_data(*source))
TENSOR_OP(to_type, (Tensor* t, int type, bool copy, bool non_blocking), t->to(static_cast<at::ScalarType>(type), non_blocking, copy))
TENSOR_OP(to_device, (Tensor* t, int device, int index, int type, bool copy, bool non_blocking),
    t->to(options(type < 0 ? static_cast<int>(t->scalar_type()) : type, device, index), non_blocking, copy))
