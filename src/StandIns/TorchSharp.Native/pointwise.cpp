// Arithmetic element by element, and its in-place forms.
#include "standin.h"

#include <ATen/ScalarOps.h>

#define UNARY(name) TENSOR(name, (Tensor* t), at::name(*t))
#define UNARY_BOTH(name) UNARY(name) DO(name##_, (Tensor* t), t->name##_())

UNARY_BOTH(abs) UNARY_BOTH(neg) UNARY_BOTH(exp) UNARY_BOTH(log) UNARY_BOTH(log1p) UNARY_BOTH(sqrt) UNARY_BOTH(rsqrt)
UNARY_BOTH(sin) UNARY_BOTH(cos) UNARY_BOTH(sign) UNARY_BOTH(reciprocal) UNARY_BOTH(erf) UNARY_BOTH(floor) UNARY_BOTH(ceil)
UNARY_BOTH(trunc) UNARY_BOTH(sigmoid) UNARY_BOTH(tanh) UNARY_BOTH(relu) UNARY_BOTH(silu)
UNARY(square) UNARY(expm1) UNARY(log2) UNARY(atan)
TENSOR(round, (Tensor* t, int64_t decimals), decimals == 0 ? at::round(*t) : at::round(*t, decimals))
DO(zero_, (Tensor* t), t->zero_())
DO(fill_, (Tensor* t, Number value), t->fill_(at::Scalar(value)))

TENSOR(add, (Tensor* a, Tensor* b, Number alpha), at::add(*a, *b, alpha))
TENSOR(add_scalar, (Tensor* a, Number b, Number alpha), at::add(*a, at::Scalar(b), alpha))
DO(add_, (Tensor* a, Tensor* b, Number alpha), a->add_(*b, alpha))
DO(add_scalar_, (Tensor* a, Number b, Number alpha), a->add_(at::Scalar(b), alpha))
TENSOR(sub, (Tensor* a, Tensor* b), at::sub(*a, *b))
TENSOR(sub_scalar, (Tensor* a, Number b), at::sub(*a, at::Scalar(b)))
TENSOR(rsub_scalar, (Tensor* a, Number b), at::rsub(*a, at::Scalar(b)))
DO(sub_, (Tensor* a, Tensor* b), a->sub_(*b))
DO(sub_scalar_, (Tensor* a, Number b), a->sub_(at::Scalar(b)))
TENSOR(mul, (Tensor* a, Tensor* b), at::mul(*a, *b))
TENSOR(mul_scalar, (Tensor* a, Number b), at::mul(*a, at::Scalar(b)))
DO(mul_, (Tensor* a, Tensor* b), a->mul_(*b))
DO(mul_scalar_, (Tensor* a, Number b), a->mul_(at::Scalar(b)))

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

TENSOR(div, (Tensor* a, Tensor* b, int rounding), divide(*a, *b, rounding))
TENSOR(div_scalar, (Tensor* a, Number b, int rounding), divide(*a, number(b), rounding))
TENSOR(rdiv_scalar, (Tensor* a, Number b), at::div(number(b), *a))
DO(div_, (Tensor* a, Tensor* b, int rounding), divide_(*a, *b, rounding))
DO(div_scalar_, (Tensor* a, Number b, int rounding), divide_(*a, number(b), rounding))
TENSOR(remainder, (Tensor* a, Tensor* b), at::remainder(*a, *b))
TENSOR(remainder_scalar, (Tensor* a, Number b), at::remainder(*a, at::Scalar(b)))
TENSOR(fmod, (Tensor* a, Tensor* b), at::fmod(*a, *b))
TENSOR(fmod_scalar, (Tensor* a, Number b), at::fmod(*a, at::Scalar(b)))

TENSOR(pow, (Tensor* a, Tensor* b), at::pow(*a, *b))
TENSOR(pow_scalar, (Tensor* a, Number b), at::pow(*a, at::Scalar(b)))
DO(pow_scalar_, (Tensor* a, Number b), a->pow_(at::Scalar(b)))
TENSOR(maximum, (Tensor* a, Tensor* b), at::maximum(*a, *b))
TENSOR(minimum, (Tensor* a, Tensor* b), at::minimum(*a, *b))
TENSOR(clamp, (Tensor* t, Number low, Number high), at::clamp(*t, low.optional(), high.optional()))
DO(clamp_, (Tensor* t, Number low, Number high), t->clamp_(low.optional(), high.optional()))
TENSOR(clamp_tensor, (Tensor* t, Tensor* low, Tensor* high), at::clamp(*t, maybe(low), maybe(high)))

TENSOR(addcmul, (Tensor* t, Tensor* a, Tensor* b, Number value), at::addcmul(*t, *a, *b, value))
DO(addcmul_, (Tensor* t, Tensor* a, Tensor* b, Number value), t->addcmul_(*a, *b, value))
TENSOR(addcdiv, (Tensor* t, Tensor* a, Tensor* b, Number value), at::addcdiv(*t, *a, *b, value))
DO(addcdiv_, (Tensor* t, Tensor* a, Tensor* b, Number value), t->addcdiv_(*a, *b, value))
TENSOR(lerp, (Tensor* a, Tensor* b, Tensor* weight), at::lerp(*a, *b, *weight))
