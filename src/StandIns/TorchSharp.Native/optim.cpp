// Gradients of many parameters at once, and the optimisers' steps: one call for all parameters of a group.
//
// The operations and their order are those of PyTorch's optimisers, so that the numbers are too. Parameters without a
// gradient are left alone, their step counts included.
#include "standin.h"

#include <ATen/core/grad_mode.h>

#include <cmath>

using Tensors = std::vector<Tensor>;

static std::vector<int64_t> with_gradient(Tensor** parameters, int64_t count)
{
    std::vector<int64_t> which;
    for (int64_t i = 0; i < count; i++)
        if (parameters[i]->grad().defined()) which.push_back(i);
    return which;
}

static Tensors pick(Tensor** tensors, const std::vector<int64_t>& which)
{
    Tensors result;
    result.reserve(which.size());
    for (auto i : which) result.push_back(*tensors[i]);
    return result;
}

static Tensors gradients(const Tensors& parameters)
{
    Tensors result;
    result.reserve(parameters.size());
    for (auto& p : parameters) result.push_back(p.grad());
    return result;
}

static void clear_gradients(Tensor** parameters, int64_t count, bool set_to_none)
{
    at::NoGradGuard no_grad;
    for (auto i : with_gradient(parameters, count))
    {
        if (set_to_none) parameters[i]->mutable_grad().reset();
        else parameters[i]->mutable_grad().zero_();
    }
}
VOID_OP(clear_gradients, (Tensor** parameters, int64_t count, bool set_to_none), clear_gradients(parameters, count, set_to_none))

static double clip_gradients(Tensor** parameters, int64_t count, double max_norm, double norm_type)
{
    at::NoGradGuard no_grad;
    const auto which = with_gradient(parameters, count);
    if (which.empty()) return 0;
    auto all = gradients(pick(parameters, which));
    const double norm = at::linalg_vector_norm(at::stack(at::_foreach_norm(all, norm_type)), norm_type).item<double>();
    const double factor = max_norm / (norm + 1e-6);
    if (!(factor >= 1)) at::_foreach_mul_(all, factor);
    return norm;
}
VOID_OP(clip_gradients, (Tensor** parameters, int64_t count, double max_norm, double norm_type, double* norm),
    *norm = clip_gradients(parameters, count, max_norm, norm_type))

// Adam (Kingma and Ba 2015, algorithm 1; AMSGrad with `maxima`); `decoupled` decays the weights as AdamW (Loshchilov and Hutter 2019).
static void adam(Tensor** parameters, Tensor** averages, Tensor** squares, Tensor** maxima, int64_t* steps, int64_t count,
    double lr, double beta1, double beta2, double eps, double decay, bool decoupled, bool maximize)
{
    at::NoGradGuard no_grad;
    const auto which = with_gradient(parameters, count);
    if (which.empty()) return;
    auto p = pick(parameters, which), m = pick(averages, which), v = pick(squares, which), g = gradients(p);

    std::vector<at::Scalar> step_sizes, corrections;
    for (auto i : which)
    {
        const double step = static_cast<double>(++steps[i]);
        step_sizes.emplace_back(-lr / (1 - std::pow(beta1, step)));
        corrections.emplace_back(std::sqrt(1 - std::pow(beta2, step)));
    }

    if (maximize) g = at::_foreach_neg(g);
    if (decay != 0)
    {
        if (decoupled) at::_foreach_mul_(p, 1 - lr * decay);
        else g = at::_foreach_add(g, p, decay);
    }
    at::_foreach_mul_(m, beta1);
    at::_foreach_add_(m, g, 1 - beta1);
    at::_foreach_mul_(v, beta2);
    at::_foreach_addcmul_(v, g, g, 1 - beta2);
    if (maxima)
    {
        auto largest = pick(maxima, which);
        for (size_t i = 0; i < v.size(); i++) at::maximum_out(largest[i], largest[i], v[i]);
        v = largest;
    }
    auto denominators = at::_foreach_sqrt(v);
    at::_foreach_div_(denominators, corrections);
    at::_foreach_add_(denominators, eps);
    at::_foreach_addcdiv_(p, m, denominators, step_sizes);
}
VOID_OP(adam, (Tensor** parameters, Tensor** averages, Tensor** squares, Tensor** maxima, int64_t* steps, int64_t count,
    double lr, double beta1, double beta2, double eps, double decay, bool decoupled, bool maximize),
    adam(parameters, averages, squares, maxima, steps, count, lr, beta1, beta2, eps, decay, decoupled, maximize))

// The gradient as the plain optimisers take it: its sign turned to climb, with the L2 penalty's share.
static Tensor penalised_gradient(const Tensor& p, double decay, bool maximize)
{
    Tensor g = maximize ? p.grad().neg() : p.grad();
    return decay != 0 ? g.add(p, decay) : g;
}

static void sgd(Tensor** parameters, Tensor** momenta, int64_t* steps, int64_t count,
    double lr, double momentum, double dampening, double decay, bool nesterov, bool maximize)
{
    at::NoGradGuard no_grad;
    for (auto i : with_gradient(parameters, count))
    {
        Tensor& p = *parameters[i];
        Tensor g = penalised_gradient(p, decay, maximize);
        if (momenta)
        {
            Tensor& velocity = *momenta[i];
            if (steps[i] == 0) velocity.copy_(g); // the first gradient is not dampened
            else velocity.mul_(momentum).add_(g, 1 - dampening);
            g = nesterov ? g.add(velocity, momentum) : velocity;
        }
        steps[i]++;
        p.add_(g, -lr);
    }
}
VOID_OP(sgd, (Tensor** parameters, Tensor** momenta, int64_t* steps, int64_t count,
    double lr, double momentum, double dampening, double decay, bool nesterov, bool maximize),
    sgd(parameters, momenta, steps, count, lr, momentum, dampening, decay, nesterov, maximize))

static void rmsprop(Tensor** parameters, Tensor** squares, Tensor** averages, Tensor** momenta, int64_t* steps, int64_t count,
    double lr, double alpha, double eps, double decay, double momentum, bool maximize)
{
    at::NoGradGuard no_grad;
    for (auto i : with_gradient(parameters, count))
    {
        Tensor& p = *parameters[i];
        const Tensor g = penalised_gradient(p, decay, maximize);
        steps[i]++;
        Tensor deviation = squares[i]->mul_(alpha).addcmul_(g, g, 1 - alpha);
        if (averages)
        {
            averages[i]->mul_(alpha).add_(g, 1 - alpha);
            deviation = deviation.addcmul(*averages[i], *averages[i], -1);
        }
        deviation = deviation.sqrt().add_(eps);
        if (momenta) p.add_(momenta[i]->mul_(momentum).addcdiv_(g, deviation), -lr);
        else p.addcdiv_(g, deviation, -lr);
    }
}
VOID_OP(rmsprop, (Tensor** parameters, Tensor** squares, Tensor** averages, Tensor** momenta, int64_t* steps, int64_t count,
    double lr, double alpha, double eps, double decay, double momentum, bool maximize),
    rmsprop(parameters, squares, averages, momenta, steps, count, lr, alpha, eps, decay, momentum, maximize))

static void adagrad(Tensor** parameters, Tensor** sums, int64_t* steps, int64_t count, double lr, double lr_decay, double eps, double decay)
{
    at::NoGradGuard no_grad;
    for (auto i : with_gradient(parameters, count))
    {
        Tensor& p = *parameters[i];
        const Tensor g = penalised_gradient(p, decay, false);
        const double rate = lr / (1 + static_cast<double>(steps[i]++) * lr_decay);
        p.addcdiv_(g, sums[i]->addcmul_(g, g).sqrt().add_(eps), -rate);
    }
}
VOID_OP(adagrad, (Tensor** parameters, Tensor** sums, int64_t* steps, int64_t count, double lr, double lr_decay, double eps, double decay),
    adagrad(parameters, sums, steps, count, lr, lr_decay, eps, decay))
