// Resizing, sampling at positions, padding.
#include "standin.h"

static Tensor upsample_nearest(const Tensor& t, Shape size, const double* scale)
{
    switch (size.size())
    {
    case 1: return at::upsample_nearest1d(t, size, maybe_double(scale));
    case 2: return at::upsample_nearest2d(t, size, maybe_double(scale), maybe_double(scale ? scale + 1 : nullptr));
    default: TORCH_CHECK(false, "nearest interpolation takes 3-D or 4-D input, got ", t.dim(), "-D");
    }
}
TENSOR_OP(upsample_nearest, (Tensor* t, const int64_t* s, int64_t n, const double* scale), upsample_nearest(*t, Shape(s, n), scale))
TENSOR_OP(upsample_bilinear2d, (Tensor* t, const int64_t* s, bool align_corners, const double* scale),
    at::upsample_bilinear2d(*t, Shape(s, 2), align_corners, maybe_double(scale), maybe_double(scale ? scale + 1 : nullptr)))
TENSOR_OP(upsample_bicubic2d, (Tensor* t, const int64_t* s, bool align_corners, const double* scale),
    at::upsample_bicubic2d(*t, Shape(s, 2), align_corners, maybe_double(scale), maybe_double(scale ? scale + 1 : nullptr)))

// `mode`: 0 bilinear, 1 nearest; `padding`: 0 zeros, 1 border, 2 reflection.
TENSOR_OP(grid_sample, (Tensor* t, Tensor* grid, int64_t mode, int64_t padding, bool align_corners), at::grid_sampler(*t, *grid, mode, padding, align_corners))

TENSOR_OP(pad, (Tensor* t, const int64_t* s, int64_t n, const char* mode, const double* value), at::pad(*t, Shape(s, n), mode, maybe_double(value)))
