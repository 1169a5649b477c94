// What layers and modules need beyond single tensor operations.
#include "standin.h"

#include <ATen/core/grad_mode.h>

// Rows of `weight`; with `max_norm`, rows that are longer are first cut to that norm in place.
static Tensor look_up(Tensor& weight, const Tensor& indices, int64_t padding_index, const double* max_norm, double norm_type, bool by_frequency, bool sparse)
{
    if (max_norm)
    {
        at::NoGradGuard no_grad;
        at::embedding_renorm_(weight, indices.contiguous(), *max_norm, norm_type);
    }
    return at::embedding(weight, indices, padding_index, by_frequency, sparse);
}
TENSOR_OP(embedding, (Tensor* weight, Tensor* indices, int64_t padding_index, const double* max_norm, double norm_type, bool by_frequency, bool sparse),
    look_up(*weight, *indices, padding_index, max_norm, norm_type, by_frequency, sparse))

// Moves the data, and the gradient with it, to a device (unless negative) and a floating type (unless negative). The
// tensor stays the same leaf; integers keep their type.
static void move_data(Tensor& t, int device_type, int device_index, int type, bool non_blocking)
{
    at::NoGradGuard no_grad;
    auto target = t.options();
    if (device_type >= 0) target = target.device(at::Device(static_cast<at::DeviceType>(device_type), static_cast<at::DeviceIndex>(device_index)));
    if (type >= 0 && (t.is_floating_point() || t.is_complex())) target = target.dtype(static_cast<at::ScalarType>(type));
    const Tensor gradient = t.grad();
    t.set_data(t.to(target, non_blocking));
    if (gradient.defined()) t.mutable_grad() = gradient.to(target, non_blocking);
}
VOID_OP(move_data, (Tensor* t, int device_type, int device_index, int type, bool non_blocking),
    move_data(*t, device_type, device_index, type, non_blocking))
