// Losses. `reduction`: 0 none, 1 mean, 2 sum.
#include "standin.h"

TENSOR_OP(cross_entropy, (Tensor* t, Tensor* target, Tensor* weight, int64_t reduction, int64_t ignore_index, double label_smoothing),
    at::cross_entropy_loss(*t, *target, maybe(weight), reduction, ignore_index, label_smoothing))
TENSOR_OP(nll_loss, (Tensor* t, Tensor* target, Tensor* weight, int64_t reduction, int64_t ignore_index), at::nll_loss_nd(*t, *target, maybe(weight), reduction, ignore_index))
TENSOR_OP(binary_cross_entropy, (Tensor* t, Tensor* target, Tensor* weight, int64_t reduction), at::binary_cross_entropy(*t, *target, maybe(weight), reduction))
TENSOR_OP(binary_cross_entropy_with_logits, (Tensor* t, Tensor* target, Tensor* weight, Tensor* pos_weight, int64_t reduction),
    at::binary_cross_entropy_with_logits(*t, *target, maybe(weight), maybe(pos_weight), reduction))
TENSOR_OP(mse_loss, (Tensor* t, Tensor* target, int64_t reduction), at::mse_loss(*t, *target, reduction))
TENSOR_OP(l1_loss, (Tensor* t, Tensor* target, int64_t reduction), at::l1_loss(*t, *target, reduction))
TENSOR_OP(smooth_l1_loss, (Tensor* t, Tensor* target, int64_t reduction, double beta), at::smooth_l1_loss(*t, *target, reduction, beta))
TENSOR_OP(huber_loss, (Tensor* t, Tensor* target, int64_t reduction, double delta), at::huber_loss(*t, *target, reduction, delta))
TENSOR_OP(kl_div, (Tensor* t, Tensor* target, int64_t reduction, bool log_target), at::kl_div(*t, *target, reduction, log_target))
