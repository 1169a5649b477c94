// Products of vectors and matrices.
#include "standin.h"

#include <string>

TENSOR_OP(matmul, (Tensor* a, Tensor* b), at::matmul(*a, *b))
TENSOR_OP(mm, (Tensor* a, Tensor* b), at::mm(*a, *b))
TENSOR_OP(bmm, (Tensor* a, Tensor* b), at::bmm(*a, *b))
TENSOR_OP(dot, (Tensor* a, Tensor* b), at::dot(*a, *b))
TENSOR_OP(outer, (Tensor* a, Tensor* b), at::outer(*a, *b))
TENSOR_OP(addmm, (Tensor* t, Tensor* a, Tensor* b, double beta, double alpha), at::addmm(*t, *a, *b, beta, alpha))
TENSOR_OP(einsum, (const char* equation, Tensor** tensors, int64_t count), at::einsum(equation, list(tensors, count)))
TENSOR_OP(linear, (Tensor* input, Tensor* weight, Tensor* bias), at::linear(*input, *weight, maybe(bias)))
TENSOR_OP(linalg_norm, (Tensor* t, const int64_t* d, int64_t n, bool keep),
    d ? at::linalg_vector_norm(*t, 2, Shape(d, n), keep) : at::linalg_vector_norm(t->flatten(), 2))
