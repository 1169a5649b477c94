// Tensors in libtorch's own file format.
#include "standin.h"

#include <torch/serialize.h>

static Tensor load(const char* path)
{
    Tensor t;
    torch::load(t, path);
    return t;
}
TENSOR_OP(load, (const char* path), load(path))
VOID_OP(save, (Tensor* t, const char* path), torch::save(*t, path))
