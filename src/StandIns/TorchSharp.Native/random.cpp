// Random numbers and their generators. A null generator is the default one of the device.
#include "standin.h"

#include <ATen/Context.h>

#include <mutex>

TENSOR_OP(rand, (const int64_t* s, int64_t n, at::Generator* g, int type, int device, int index), at::rand(Shape(s, n), maybe(g), options(type, device, index)))
TENSOR_OP(randn, (const int64_t* s, int64_t n, at::Generator* g, int type, int device, int index), at::randn(Shape(s, n), maybe(g), options(type, device, index)))
TENSOR_OP(randint, (int64_t low, int64_t high, const int64_t* s, int64_t n, at::Generator* g, int type, int device, int index),
    at::randint(low, high, Shape(s, n), maybe(g), options(type, device, index)))
TENSOR_OP(randperm, (int64_t count, at::Generator* g, int type, int device, int index), at::randperm(count, maybe(g), options(type, device, index)))
TENSOR_OP(multinomial, (Tensor* t, int64_t count, bool replacement, at::Generator* g), at::multinomial(*t, count, replacement, maybe(g)))
TENSOR_OP(bernoulli, (Tensor* t, at::Generator* g), at::bernoulli(*t, maybe(g)))
VOID_OP(bernoulli_, (Tensor* t, double p, at::Generator* g), t->bernoulli_(p, maybe(g)))
VOID_OP(normal_, (Tensor* t, double mean, double std, at::Generator* g), t->normal_(mean, std, maybe(g)))
VOID_OP(uniform_, (Tensor* t, double from, double to, at::Generator* g), t->uniform_(from, to, maybe(g)))
VOID_OP(exponential_, (Tensor* t, double lambda, at::Generator* g), t->exponential_(lambda, maybe(g)))

VOID_OP(manual_seed, (uint64_t seed), at::manual_seed(seed))

static const at::Generator& default_generator(int device, int index)
{
    return at::globalContext().defaultGenerator(at::Device(static_cast<at::DeviceType>(device), static_cast<at::DeviceIndex>(index)));
}
EXPORT at::Generator* ts_default_generator(int device, int index)
{
    return guarded([&] { return new at::Generator(default_generator(device, index)); });
}
EXPORT at::Generator* ts_generator(uint64_t seed, int device, int index)
{
    return guarded([&] {
        auto g = default_generator(device, index).clone();
        g.set_current_seed(seed);
        return new at::Generator(g);
    });
}
EXPORT void ts_generator_dispose(at::Generator* g) { delete g; }
VOID_OP(generator_set_seed, (at::Generator* g, uint64_t seed), std::lock_guard<std::mutex> lock(g->mutex()); g->set_current_seed(seed))
VOID_OP(generator_new_seed, (at::Generator* g, uint64_t* out), std::lock_guard<std::mutex> lock(g->mutex()); *out = g->seed())
VOID_OP(generator_seed, (at::Generator* g, uint64_t* out), *out = g->current_seed())
TENSOR_OP(generator_state, (at::Generator* g), g->get_state())
VOID_OP(generator_set_state, (at::Generator* g, Tensor* state), g->set_state(*state))
