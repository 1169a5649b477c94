// Normalisation, embeddings, similarity.
#include "standin.h"

TENSOR(layer_norm, (Tensor* t, const int64_t* s, int64_t n, Tensor* weight, Tensor* bias, double eps),
    at::layer_norm(*t, Shape(s, n), maybe(weight), maybe(bias), eps))
TENSOR(group_norm, (Tensor* t, int64_t groups, Tensor* weight, Tensor* bias, double eps), at::group_norm(*t, groups, maybe(weight), maybe(bias), eps))
TENSOR(batch_norm, (Tensor* t, Tensor* weight, Tensor* bias, Tensor* mean, Tensor* var, bool training, double momentum, double eps),
    at::batch_norm(*t, maybe(weight), maybe(bias), maybe(mean), maybe(var), training, momentum, eps, at::globalContext().userEnabledCuDNN()))
TENSOR(embedding, (Tensor* weight, Tensor* index, int64_t padding_index), at::embedding(*weight, *index, padding_index))
TENSOR(one_hot, (Tensor* t, int64_t classes), at::one_hot(*t, classes))
TENSOR(cosine_similarity, (Tensor* a, Tensor* b, int64_t dim, double eps), at::cosine_similarity(*a, *b, dim, eps))
