// Arithmetic element by element, and its in-place forms.
#include "standin.h"

#include <ATen/ScalarOps.h>

#define UNARY(name) TENSOR_OP(name, (Tensor* t), at::name(*t))
#define UNARY_BOTH(name) UNARY(name) VOID_OP(name##_, (Tensor* t), t->name##_())

UNARY_BOTH(abs) UNARY_BOTH(neg) UNARY_BOTH(exp) UNARY_BOTH(log) UNARY_BOTH(log1p) UNARY_BOTH(sqrt) UNARY_BOTH(rsqrt)
UNARY_BOTH(sin) UNARY_BOTH(cos) UNARY_BOTH(sign) UNARY_BOTH(reciprocal) UNARY_BOTH(erf) UNARY_BOTH(floor) UNARY_BOTH(ceil)
UNARY_BOTH(trunc) UNARY_BOTH(sigmoid) UNARY_BOTH(tanh) UNARY_BOTH(relu)
UNARY(silu) VOID_OP(silu_, (Tensor* t), at::silu_(*t))
UNARY(square) UNARY(expm1) UNARY(log2) UNARY(atan)
TENSOR_OP(round, (Tensor* t, int64_t decimals), decimals == 0 ? at::round(*t) : at::round(*t, decimals))
VOID_OP(zero_, (Tensor* t), t->zero_())
VOID_OP(fill_, (Tensor* t, Number value), t->fill_(at::Scalar(value)))

TENSOR_OP(add, (Tensor* a, Tensor* b, Number alpha), at::add(*a, *b, alpha))
TENSOR_OP(add_scalar, (Tensor* a, Number b, Number alpha), at::add(*a, at::Scalar(b), alpha))
VOID_OP(add_, (Tensor* a, Tensor* b, Number alpha), a->add_(*b, alpha))
VOID_OP(add_scalar_, (Tensor* a, Number b, Number alpha), a->add_(at::Scalar(b), alpha))
TENSOR_OP(sub, (Tensor* a, Tensor* b), at::sub(*a, *b))
TENSOR_OP(sub_scalar, (Tensor* a, Number b), at::sub(*a, at::Scalar(b)))
TENSOR_OP(rsub_scalar, (Tensor* a, Number b), at::rsub(*a, at::Scalar(b)))
VOID_OP(sub_, (Tensor* a, Tensor* b), a->sub_(*b))
VOID_OP(sub_scalar_, (Tensor* a, Number b), a->sub_(at::Scalar(b)))
TENSOR_OP(mul, (Tensor* a, Tensor* b), at::mul(*a, *b))
TENSOR_OP(mul_scalar, (Tensor* a, Number b), at::mul(*a, at::Scalar(b)))
VOID_OP(mul_, (Tensor* a, Tensor* b), a->mul_(*b))
VOID_OP(mul_scalar_, (Tensor* a, Number b), a->mul_(at::Scalar(b)))

// `rounding`: 0 none, 1 trunc, 2 floor.
static Tensor divide(const Tensor& a, const Tensor& b, int rounding)
{
    return rounding == 0 ? at::div(a, b) : at::div(a, b, rounding == 1 ? "trunc" : "floor");
}
static void divide_(Tensor& a, const Tensor& b, int rounding)
{
    if (rounding == 0) a.div_(b);
    else a.div_(b, rounding == 1 ? "trunc" : "floor");
}
static Tensor number(const Number& n) { return at::native::wrapped_scalar_tensor(n); }

TENSOR_OP(div, (Tensor* a, Tensor* b, int rounding), divide(*a, *b, rounding))
TENSOR_OP(div_scalar, (Tensor* a, Number b, int rounding), divide(*a, number(b), rounding))
TENSOR_OP(rdiv_scalar, (Tensor* a, Number b), at::div(number(b), *a))
VOID_OP(div_, (Tensor* a, Tensor* b, int rounding), divide_(*a, *b, rounding))
VOID_OP(div_scalar_, (Tensor* a, Number b, int rounding), divide_(*a, number(b), rounding))
TENSOR_OP(remainder, (Tensor* a, Tensor* b), at::remainder(*a, *b))
TENSOR_OP(remainder_scalar, (Tensor* a, Number b), at::remainder(*a, at::Scalar(b)))
TENSOR_OP(fmod, (Tensor* a, Tensor* b), at::fmod(*a, *b))
TENSOR_OP(fmod_scalar, (Tensor* a, Number b), at::fmod(*a, at::Scalar(b)))

TENSOR_OP(pow, (Tensor* a, Tensor* b), at::pow(*a, *b))
TENSOR_OP(pow_scalar, (Tensor* a, Number b), at::pow(*a, at::Scalar(b)))
VOID_OP(pow_scalar_, (Tensor* a, Number b), a->pow_(at::Scalar(b)))
TENSOR_OP(maximum, (Tensor* a, Tensor* b), at::maximum(*a, *b))
TENSOR_OP(minimum, (Tensor* a, Tensor* b), at::minimum(*a, *b))
TENSOR_OP(clamp, (Tensor* t, Number low, Number high), at::clamp(*t, low.optional(), high.optional()))
VOID_OP(clamp_, (Tensor* t, Number low, Number high), t->clamp_(low.optional(), high.optional()))
TENSOR_OP(clamp_tensor, (Tensor* t, Tensor* low, Tensor* high), at::clamp(*t, maybe(low), maybe(high)))

TENSOR_OP(addcmul, (Tensor* t, Tensor* a, Tensor* b, Number value), at::addcmul(*t, *a, *b, value))
VOID_OP(addcmul_, (Tensor* t, Tensor* a, Tensor* b, Number value), t->addcmul_(*a, *b, value))
TENSOR_OP(addcdiv, (Tensor* t, Tensor* a, Tensor* b, Number value), at::addcdiv(*t, *a, *b, value))
VOID_OP(addcdiv_, (Tensor* t, Tensor* a, Tensor* b, Number value), t->addcdiv_(*a, *b, value))
TENSOR_OP(lerp, (Tensor* a, Tensor* b, Tensor* weight), at::lerp(*a, *b, *weight))
