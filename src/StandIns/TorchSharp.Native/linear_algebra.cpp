// Products of vectors and matrices.
#include "standin.h"

#include <string>

TENSOR(matmul, (Tensor* a, Tensor* b), at::matmul(*a, *b))
TENSOR(mm, (Tensor* a, Tensor* b), at::mm(*a, *b))
TENSOR(bmm, (Tensor* a, Tensor* b), at::bmm(*a, *b))
TENSOR(dot, (Tensor* a, Tensor* b), at::dot(*a, *b))
TENSOR(outer, (Tensor* a, Tensor* b), at::outer(*a, *b))
TENSOR(addmm, (Tensor* t, Tensor* a, Tensor* b, double beta, double alpha), at::addmm(*t, *a, *b, beta, alpha))
TENSOR(einsum, (const char* equation, Tensor** tensors, int64_t count), at::einsum(equation, list(tensors, count)))
TENSOR(linear, (Tensor* input, Tensor* weight, Tensor* bias), at::linear(*input, *weight, maybe(bias)))
TENSOR(linalg_norm, (Tensor* t, const int64_t* d, int64_t n, bool keep),
    d ? at::linalg_vector_norm(*t, 2, Shape(d, n), keep) : at::linalg_vector_norm(t->flatten(), 2))
