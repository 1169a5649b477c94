// Activations, softmax, dropout.
#include "standin.h"

#include <c10/core/GradMode.h>
#include <torch/csrc/autograd/custom_function.h>

TENSOR_OP(softmax, (Tensor* t, int64_t dim, int type), at::softmax(*t, dim, maybe_type(type)))
TENSOR_OP(log_softmax, (Tensor* t, int64_t dim, int type), at::log_softmax(*t, dim, maybe_type(type)))
TENSOR_OP(leaky_relu, (Tensor* t, double slope), at::leaky_relu(*t, slope))
TENSOR_OP(elu, (Tensor* t, double alpha), at::elu(*t, alpha))
TENSOR_OP(relu6, (Tensor* t), at::relu6(*t))
TENSOR_OP(softplus, (Tensor* t, double beta, double threshold), at::softplus(*t, beta, threshold))
TENSOR_OP(logsigmoid, (Tensor* t), at::log_sigmoid(*t))
TENSOR_OP(dropout, (Tensor* t, double p, bool training), at::dropout(*t, p, training))
VOID_OP(dropout_, (Tensor* t, double p, bool training), at::dropout_(*t, p, training))

// The identity, whose backward hands on a contiguous gradient.
struct ContiguousGradient : torch::autograd::Function<ContiguousGradient>
{
    static Tensor forward(torch::autograd::AutogradContext*, const Tensor& t) { return t; }
    static torch::autograd::variable_list backward(torch::autograd::AutogradContext*, torch::autograd::variable_list gradients)
    {
        return {gradients[0].defined() ? gradients[0].contiguous() : gradients[0]};
    }
};

// libtorch 1.13 over oneDNN 2.6 computes garbage in the backward of exact GELU when the input is contiguous and the
// incoming gradient is not.
static Tensor exact_gelu(const Tensor& t)
{
    Tensor result = at::gelu(t);
    return c10::GradMode::is_enabled() && result.requires_grad() ? ContiguousGradient::apply(result) : result;
}
TENSOR_OP(gelu, (Tensor* t), exact_gelu(*t))
