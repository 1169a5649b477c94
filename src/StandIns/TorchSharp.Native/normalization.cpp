// Normalisation, one-hot classes, similarity.
#include "standin.h"

TENSOR_OP(layer_norm, (Tensor* t, const int64_t* s, int64_t n, Tensor* weight, Tensor* bias, double eps),
    at::layer_norm(*t, Shape(s, n), maybe(weight), maybe(bias), eps))
TENSOR_OP(group_norm, (Tensor* t, int64_t groups, Tensor* weight, Tensor* bias, double eps), at::group_norm(*t, groups, maybe(weight), maybe(bias), eps))
TENSOR_OP(batch_norm, (Tensor* t, Tensor* weight, Tensor* bias, Tensor* mean, Tensor* var, bool training, double momentum, double eps),
    at::batch_norm(*t, maybe(weight), maybe(bias), maybe(mean), maybe(var), training, momentum, eps, at::globalContext().userEnabledCuDNN()))
TENSOR_OP(one_hot, (Tensor* t, int64_t classes), at::one_hot(*t, classes))
TENSOR_OP(cosine_similarity, (Tensor* a, Tensor* b, int64_t dim, double eps), at::cosine_similarity(*a, *b, dim, eps))
