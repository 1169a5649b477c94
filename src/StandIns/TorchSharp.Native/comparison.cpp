// Comparisons and logic.
#include "standin.h"

#define COMPARISON(name) \
    TENSOR(name, (Tensor* a, Tensor* b), at::name(*a, *b)) \
    TENSOR(name##_scalar, (Tensor* a, Number b), at::name(*a, at::Scalar(b)))
COMPARISON(eq) COMPARISON(ne) COMPARISON(lt) COMPARISON(le) COMPARISON(gt) COMPARISON(ge)

TENSOR(logical_and, (Tensor* a, Tensor* b), at::logical_and(*a, *b))
TENSOR(logical_or, (Tensor* a, Tensor* b), at::logical_or(*a, *b))
TENSOR(logical_xor, (Tensor* a, Tensor* b), at::logical_xor(*a, *b))
TENSOR(logical_not, (Tensor* t), at::logical_not(*t))
TENSOR(bitwise_and, (Tensor* a, Tensor* b), at::bitwise_and(*a, *b))
TENSOR(bitwise_or, (Tensor* a, Tensor* b), at::bitwise_or(*a, *b))
TENSOR(bitwise_xor, (Tensor* a, Tensor* b), at::bitwise_xor(*a, *b))
TENSOR(bitwise_not, (Tensor* t), at::bitwise_not(*t))
TENSOR(isnan, (Tensor* t), at::isnan(*t))
TENSOR(isinf, (Tensor* t), at::isinf(*t))
TENSOR(isfinite, (Tensor* t), at::isfinite(*t))
DO(allclose, (Tensor* a, Tensor* b, double rtol, double atol, bool equal_nan, bool* out), *out = at::allclose(*a, *b, rtol, atol, equal_nan))
DO(equal, (Tensor* a, Tensor* b, bool* out), *out = at::equal(*a, *b))
