// Random numbers and their generators. A null generator is the default one of the device.
#include "standin.h"

#include <ATen/Context.h>

#include <mutex>

TENSOR(rand, (const int64_t* s, int64_t n, at::Generator* g, int type, int device, int index), at::rand(Shape(s, n), maybe(g), options(type, device, index)))
TENSOR(randn, (const int64_t* s, int64_t n, at::Generator* g, int type, int device, int index), at::randn(Shape(s, n), maybe(g), options(type, device, index)))
TENSOR(randint, (int64_t low, int64_t high, const int64_t* s, int64_t n, at::Generator* g, int type, int device, int index),
    at::randint(low, high, Shape(s, n), maybe(g), options(type, device, index)))
TENSOR(randperm, (int64_t count, at::Generator* g, int type, int device, int index), at::randperm(count, maybe(g), options(type, device, index)))
TENSOR(multinomial, (Tensor* t, int64_t count, bool replacement, at::Generator* g), at::multinomial(*t, count, replacement, maybe(g)))
TENSOR(bernoulli, (Tensor* t, at::Generator* g), at::bernoulli(*t, maybe(g)))
DO(bernoulli_, (Tensor* t, double p, at::Generator* g), t->bernoulli_(p, maybe(g)))
DO(normal_, (Tensor* t, double mean, double std, at::Generator* g), t->normal_(mean, std, maybe(g)))
DO(uniform_, (Tensor* t, double from, double to, at::Generator* g), t->uniform_(from, to, maybe(g)))
DO(exponential_, (Tensor* t, double lambda, at::Generator* g), t->exponential_(lambda, maybe(g)))

DO(manual_seed, (uint64_t seed), at::manual_seed(seed))

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
DO(generator_set_seed, (at::Generator* g, uint64_t seed), std::lock_guard<std::mutex> lock(g->mutex()); g->set_current_seed(seed))
DO(generator_new_seed, (at::Generator* g, uint64_t* out), std::lock_guard<std::mutex> lock(g->mutex()); *out = g->seed())
DO(generator_seed, (at::Generator* g, uint64_t* out), *out = g->current_seed())
TENSOR(generator_state, (at::Generator* g), g->get_state())
DO(generator_set_state, (at::Generator* g, Tensor* state), g->set_state(*state))
