// Comparisons and logic.
#include "standin.h"

#define COMPARISON(name) \
    TENSOR_OP(name, (Tensor* a, Tensor* b), at::name(*a, *b)) \
    TENSOR_OP(name##_scalar, (Tensor* a, Number b), at::name(*a, at::Scalar(b)))
COMPARISON(eq) COMPARISON(ne) COMPARISON(lt) COMPARISON(le) COMPARISON(gt) COMPARISON(ge)

TENSOR_OP(logical_and, (Tensor* a, Tensor* b), at::logical_and(*a, *b))
TENSOR_OP(logical_or, (Tensor* a, Tensor* b), at::logical_or(*a, *b))
TENSOR_OP(logical_xor, (Tensor* a, Tensor* b), at::logical_xor(*a, *b))
TENSOR_OP(logical_not, (Tensor* t), at::logical_not(*t))
TENSOR_OP(bitwise_and, (Tensor* a, Tensor* b), at::bitwise_and(*a, *b))
TENSOR_OP(bitwise_or, (Tensor* a, Tensor* b), at::bitwise_or(*a, *b))
TENSOR_OP(bitwise_xor, (Tensor* a, Tensor* b), at::bitwise_xor(*a, *b))
TENSOR_OP(bitwise_not, (Tensor* t), at::bitwise_not(*t))
TENSOR_OP(isnan, (Tensor* t), at::isnan(*t))
TENSOR_OP(isinf, (Tensor* t), at::isinf(*t))
TENSOR_OP(isfinite, (Tensor* t), at::isfinite(*t))
VOID_OP(allclose, (Tensor* a, Tensor* b, double rtol, double atol, bool equal_nan, bool* out), *out = at::allclose(*a, *b, rtol, atol, equal_nan))
VOID_OP(equal, (Tensor* a, Tensor* b, bool* out), *out = at::equal(*a, *b))
