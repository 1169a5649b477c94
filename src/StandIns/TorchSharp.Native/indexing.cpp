// Reading and writing by index, mask and condition; sorting.
#include "standin.h"

#include <ATen/TensorIndexing.h>

// One entry of an index expression, as TensorIndex lays it out.
struct IndexEntry
{
    enum Kind : int64_t { None = 0, Ellipsis = 1, Boolean = 2, Integer = 3, Slice = 4, Tensors = 5 };

    int64_t kind, start, stop, step;
    Tensor* tensor;
};

static std::vector<at::indexing::TensorIndex> indices(const IndexEntry* entries, int64_t count)
{
    namespace ix = at::indexing;
    constexpr int64_t absent = INT64_MIN;
    std::vector<ix::TensorIndex> result;
    result.reserve(count);
    for (int64_t i = 0; i < count; i++)
    {
        const IndexEntry& e = entries[i];
        switch (e.kind)
        {
        case IndexEntry::None: result.emplace_back(ix::None); break;
        case IndexEntry::Ellipsis: result.emplace_back(ix::Ellipsis); break;
        case IndexEntry::Boolean: result.emplace_back(e.start != 0); break;
        case IndexEntry::Integer: result.emplace_back(e.start); break;
        case IndexEntry::Slice:
            result.emplace_back(ix::Slice(e.start == absent ? 0 : e.start, e.stop == absent ? INT64_MAX : e.stop, e.step == absent ? 1 : e.step));
            break;
        case IndexEntry::Tensors: result.emplace_back(*e.tensor); break;
        default: TORCH_CHECK(false, "unknown index kind ", e.kind);
        }
    }
    return result;
}

TENSOR_OP(index, (Tensor* t, const IndexEntry* entries, int64_t count), t->index(indices(entries, count)))
VOID_OP(index_put_, (Tensor* t, const IndexEntry* entries, int64_t count, Tensor* value), t->index_put_(indices(entries, count), *value))
VOID_OP(index_put_scalar_, (Tensor* t, const IndexEntry* entries, int64_t count, Number value), t->index_put_(indices(entries, count), at::Scalar(value)))

TENSOR_OP(index_select, (Tensor* t, int64_t dim, Tensor* index), t->index_select(dim, *index))
TENSOR_OP(index_add, (Tensor* t, int64_t dim, Tensor* index, Tensor* source, Number alpha), t->index_add(dim, *index, *source, alpha))
VOID_OP(index_add_, (Tensor* t, int64_t dim, Tensor* index, Tensor* source, Number alpha), t->index_add_(dim, *index, *source, alpha))
VOID_OP(index_copy_, (Tensor* t, int64_t dim, Tensor* index, Tensor* source), t->index_copy_(dim, *index, *source))
TENSOR_OP(gather, (Tensor* t, int64_t dim, Tensor* index), t->gather(dim, *index))
TENSOR_OP(scatter, (Tensor* t, int64_t dim, Tensor* index, Tensor* source), t->scatter(dim, *index, *source))
VOID_OP(scatter_, (Tensor* t, int64_t dim, Tensor* index, Tensor* source), t->scatter_(dim, *index, *source))
TENSOR_OP(scatter_add, (Tensor* t, int64_t dim, Tensor* index, Tensor* source), t->scatter_add(dim, *index, *source))
VOID_OP(scatter_add_, (Tensor* t, int64_t dim, Tensor* index, Tensor* source), t->scatter_add_(dim, *index, *source))
TENSOR_OP(masked_fill, (Tensor* t, Tensor* mask, Number value), t->masked_fill(*mask, at::Scalar(value)))
VOID_OP(masked_fill_, (Tensor* t, Tensor* mask, Number value), t->masked_fill_(*mask, at::Scalar(value)))
TENSOR_OP(masked_select, (Tensor* t, Tensor* mask), t->masked_select(*mask))
TENSOR_OP(nonzero, (Tensor* t), t->nonzero())
TENSOR_OP(where, (Tensor* condition, Tensor* a, Tensor* b), at::where(*condition, *a, *b))
TENSORS_OP(where_indices, (Tensor* condition, Tensor*** out), at::where(*condition))

PAIR_OP(topk, (Tensor* t, int64_t k, int64_t dim, bool largest, bool sorted, Tensor** second), t->topk(k, dim, largest, sorted))
PAIR_OP(sort, (Tensor* t, int64_t dim, bool descending, bool stable, Tensor** second), at::sort(*t, Optional<bool>(stable), dim, descending))
TENSOR_OP(argsort, (Tensor* t, int64_t dim, bool descending), at::argsort(*t, dim, descending))
