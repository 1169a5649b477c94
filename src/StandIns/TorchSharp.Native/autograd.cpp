// Gradients.
#include "standin.h"

#include <c10/core/GradMode.h>
#include <c10/core/InferenceMode.h>
#include <torch/csrc/autograd/autograd.h>

EXPORT int ts_requires_grad(Tensor* t) { return t->requires_grad(); }
EXPORT int ts_is_leaf(Tensor* t) { return t->is_leaf(); }
VOID_OP(set_requires_grad, (Tensor* t, bool on), t->set_requires_grad(on))
VOID_OP(retain_grad, (Tensor* t), t->retain_grad())
TENSOR_OP(grad, (Tensor* t), t->grad())
VOID_OP(set_grad, (Tensor* t, Tensor* gradient), t->mutable_grad() = gradient ? *gradient : Tensor())

static torch::autograd::variable_list gradients(Tensor** tensors, int64_t count)
{
    torch::autograd::variable_list result;
    for (int64_t i = 0; i < count; i++) result.push_back(tensors[i] ? *tensors[i] : Tensor());
    return result;
}
VOID_OP(backward, (Tensor** tensors, int64_t count, Tensor** grads, int64_t grad_count, bool retain, bool create, Tensor** inputs, int64_t input_count),
    torch::autograd::backward(list(tensors, count), gradients(grads, grad_count), retain, create, list(inputs, input_count)))
TENSORS_OP(autograd_grad, (Tensor** outputs, int64_t count, Tensor** inputs, int64_t input_count, Tensor** grads, int64_t grad_count,
    bool retain, bool create, bool allow_unused, Tensor*** out),
    torch::autograd::grad(list(outputs, count), list(inputs, input_count), gradients(grads, grad_count), retain, create, allow_unused))

EXPORT int ts_grad_mode() { return c10::GradMode::is_enabled(); }
EXPORT void ts_set_grad_mode(bool on) { c10::GradMode::set_enabled(on); }
EXPORT c10::InferenceMode* ts_inference_mode(bool on) { return guarded([&] { return new c10::InferenceMode(on); }); }
EXPORT void ts_inference_mode_dispose(c10::InferenceMode* mode) { delete mode; }
