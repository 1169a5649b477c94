// Convolution, pooling, patches.
#include "standin.h"

TENSOR_OP(conv1d, (Tensor* input, Tensor* weight, Tensor* bias, int64_t stride, int64_t padding, int64_t dilation, int64_t groups),
    at::conv1d(*input, *weight, maybe(bias), Shape(&stride, 1), Shape(&padding, 1), Shape(&dilation, 1), groups))
TENSOR_OP(conv2d, (Tensor* input, Tensor* weight, Tensor* bias, const int64_t* stride, const int64_t* padding, const int64_t* dilation, int64_t groups),
    at::conv2d(*input, *weight, maybe(bias), Shape(stride, 2), Shape(padding, 2), Shape(dilation, 2), groups))
TENSOR_OP(conv_transpose2d, (Tensor* input, Tensor* weight, Tensor* bias, const int64_t* stride, const int64_t* padding,
    const int64_t* output_padding, int64_t groups, const int64_t* dilation),
    at::conv_transpose2d(*input, *weight, maybe(bias), Shape(stride, 2), Shape(padding, 2), Shape(output_padding, 2), groups, Shape(dilation, 2)))
TENSOR_OP(max_pool2d, (Tensor* t, const int64_t* kernel, const int64_t* stride, const int64_t* padding, const int64_t* dilation, bool ceil_mode),
    at::max_pool2d(*t, Shape(kernel, 2), Shape(stride, 2), Shape(padding, 2), Shape(dilation, 2), ceil_mode))
TENSOR_OP(avg_pool2d, (Tensor* t, const int64_t* kernel, const int64_t* stride, const int64_t* padding, bool ceil_mode, bool include_padding),
    at::avg_pool2d(*t, Shape(kernel, 2), Shape(stride, 2), Shape(padding, 2), ceil_mode, include_padding))
TENSOR_OP(adaptive_avg_pool2d, (Tensor* t, const int64_t* size), at::adaptive_avg_pool2d(*t, Shape(size, 2)))
TENSOR_OP(unfold, (Tensor* t, const int64_t* kernel, const int64_t* dilation, const int64_t* padding, const int64_t* stride),
    at::im2col(*t, Shape(kernel, 2), Shape(dilation, 2), Shape(padding, 2), Shape(stride, 2)))
TENSOR_OP(pixel_shuffle, (Tensor* t, int64_t factor), at::pixel_shuffle(*t, factor))
