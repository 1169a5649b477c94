// Views, copies with another shape, joining and splitting.
#include "standin.h"

TENSOR(view, (Tensor* t, const int64_t* s, int64_t n), t->view(Shape(s, n)))
TENSOR(reshape, (Tensor* t, const int64_t* s, int64_t n), t->reshape(Shape(s, n)))
TENSOR(transpose, (Tensor* t, int64_t a, int64_t b), t->transpose(a, b))
DO(transpose_, (Tensor* t, int64_t a, int64_t b), t->transpose_(a, b))
TENSOR(t, (Tensor* t), t->t())
TENSOR(permute, (Tensor* t, const int64_t* s, int64_t n), t->permute(Shape(s, n)))
TENSOR(expand, (Tensor* t, const int64_t* s, int64_t n, bool implicit), t->expand(Shape(s, n), implicit))
TENSOR(repeat, (Tensor* t, const int64_t* s, int64_t n), t->repeat(Shape(s, n)))
TENSOR(squeeze, (Tensor* t, const int64_t* dim), dim ? t->squeeze(*dim) : t->squeeze())
TENSOR(unsqueeze, (Tensor* t, int64_t dim), t->unsqueeze(dim))
DO(unsqueeze_, (Tensor* t, int64_t dim), t->unsqueeze_(dim))
DO(squeeze_, (Tensor* t, const int64_t* dim), if (dim) t->squeeze_(*dim); else t->squeeze_())
TENSOR(flatten, (Tensor* t, int64_t start, int64_t end), t->flatten(start, end))
TENSOR(flip, (Tensor* t, const int64_t* s, int64_t n), t->flip(Shape(s, n)))
TENSOR(roll, (Tensor* t, const int64_t* shifts, int64_t n, const int64_t* dims, int64_t m), t->roll(Shape(shifts, n), Shape(dims, m)))
TENSOR(narrow, (Tensor* t, int64_t dim, int64_t start, int64_t length), t->narrow(dim, start, length))
TENSOR(select, (Tensor* t, int64_t dim, int64_t index), t->select(dim, index))
TENSOR(slice, (Tensor* t, int64_t dim, int64_t start, int64_t end, int64_t step), t->slice(dim, start, end, step))
TENSOR(tril, (Tensor* t, int64_t diagonal), t->tril(diagonal))
TENSOR(triu, (Tensor* t, int64_t diagonal), t->triu(diagonal))
TENSOR(diag, (Tensor* t, int64_t diagonal), t->diag(diagonal))
TENSOR(diagonal, (Tensor* t, int64_t offset, int64_t a, int64_t b), t->diagonal(offset, a, b))
TENSOR(tensor_unfold, (Tensor* t, int64_t dim, int64_t size, int64_t step), t->unfold(dim, size, step))

static Tensor unflatten(const Tensor& t, int64_t dim, Shape sizes)
{
    auto shape = t.sizes().vec();
    dim = at::maybe_wrap_dim(dim, t.dim());
    shape.erase(shape.begin() + dim);
    shape.insert(shape.begin() + dim, sizes.begin(), sizes.end());
    return t.view(shape);
}
TENSOR(unflatten, (Tensor* t, int64_t dim, const int64_t* s, int64_t n), unflatten(*t, dim, Shape(s, n)))

TENSOR(cat, (Tensor** tensors, int64_t count, int64_t dim), at::cat(list(tensors, count), dim))
TENSOR(stack, (Tensor** tensors, int64_t count, int64_t dim), at::stack(list(tensors, count), dim))
TENSORS(split, (Tensor* t, int64_t size, int64_t dim, Tensor*** out), t->split(size, dim))
TENSORS(split_sizes, (Tensor* t, const int64_t* s, int64_t n, int64_t dim, Tensor*** out), t->split_with_sizes(Shape(s, n), dim))
TENSORS(chunk, (Tensor* t, int64_t chunks, int64_t dim, Tensor*** out), t->chunk(chunks, dim))
TENSORS(unbind, (Tensor* t, int64_t dim, Tensor*** out), t->unbind(dim))
TENSORS(meshgrid, (Tensor** tensors, int64_t count, bool xy, Tensor*** out), at::meshgrid(list(tensors, count), xy ? "xy" : "ij"))

TENSOR(repeat_interleave, (Tensor* t, int64_t repeats, const int64_t* dim), t->repeat_interleave(repeats, maybe_long(dim)))
TENSOR(repeat_interleave_each, (Tensor* t, Tensor* repeats, const int64_t* dim), t->repeat_interleave(*repeats, maybe_long(dim)))
