"""The same figures as the library's, by numpy: a yardstick for speed and a check on the results.

Usage: metrics.py label-maps FILE CLASSES | metrics.py boxes FILE OBJECTS

Loads FILE, then answers every line on standard input with one run over the data and the resulting figure on standard output.
label-maps: the true labels of all pixels, one byte each, then the predicted ones. 255 is ignored.
boxes: rows of eight doubles, first OBJECTS annotated objects (image, category, crowd, area, x0, y0, x1, y1), then
detections (image, category, score, 0, x0, y0, x1, y1).
"""
import sys

import numpy as np

THRESHOLDS = np.linspace(.5, .95, 10)
RECALLS = np.linspace(0, 1, 101)
AREAS = [(0, 1e10), (0, 32 ** 2), (32 ** 2, 96 ** 2), (96 ** 2, 1e10)]
SMALLEST, LARGEST = np.array(AREAS).T[:, :, None]


def mean_iou(truth, predicted, classes):
    """mIoU over classes by one histogram of pairs: numpy's fastest way to count them."""
    pairs = truth.astype(np.intp)
    pairs <<= 8
    pairs |= predicted
    counts = np.bincount(pairs, minlength=65536).reshape(256, 256)[:classes, :classes]
    shared = np.diag(counts)
    union = counts.sum(0) + counts.sum(1) - shared
    return np.mean(shared[union > 0] / union[union > 0])


def overlaps(detections, objects, crowd):
    """Intersection over union of all pairs of boxes; over the detection's area for crowds."""
    low = np.maximum(detections[:, None, :2], objects[None, :, :2])
    high = np.minimum(detections[:, None, 2:], objects[None, :, 2:])
    shared = np.prod(np.clip(high - low, 0, None), axis=2)
    area = np.prod(detections[:, 2:] - detections[:, :2], axis=1)[:, None]
    return shared / np.where(crowd, area, area + np.prod(objects[:, 2:] - objects[:, :2], axis=1) - shared)


def match(shared, ignored, crowd):
    """Matches the detections of one image and category, best first, in all sizes and at all thresholds at once.

    ignored is [size, object]; the two results, matched and ignored, are [size, threshold, detection].
    """
    sizes, objects = ignored.shape
    reached = np.tile(THRESHOLDS, sizes)[:, None]
    preferred = np.repeat(np.where(ignored, 0, 2), len(THRESHOLDS), axis=0)
    free = np.ones(preferred.shape, bool)
    rows = np.arange(len(free))
    matched = np.zeros((len(free), len(shared)), bool)
    excused = np.zeros_like(matched)
    for i, row in enumerate(shared):
        if row.max() < THRESHOLDS[0]:
            continue
        # Ignored objects only where no other is left; among equals the later one.
        value = np.where((row >= reached) & (free | crowd), row + preferred, -1)
        best = objects - 1 - np.argmax(value[:, ::-1], axis=1)
        found = value[rows, best] > 0
        matched[:, i] = found
        excused[:, i] = found & (preferred[rows, best] == 0)
        free[rows[found], best[found]] = False
    shape = (sizes, len(THRESHOLDS), len(shared))
    return matched.reshape(shape), excused.reshape(shape)


def average_precision(objects, detections):
    """COCO's AP of boxes over IoU .50:.05:.95 in all sizes and in small, medium and large ones."""
    categories = int(max(objects[:, 1].max(), detections[:, 1].max())) + 1
    key = objects[:, 0] * categories + objects[:, 1]
    objects = objects[np.argsort(key, kind="stable")]
    object_keys = np.sort(key)
    key = detections[:, 0] * categories + detections[:, 1]
    detections = detections[np.lexsort((-detections[:, 2], key))]
    detection_keys = np.sort(key)
    starts = np.flatnonzero(np.diff(detection_keys, prepend=-1))
    ends = np.append(starts[1:], len(detections))
    counted = np.concatenate([np.arange(end - start) < 100 for start, end in zip(starts, ends)])
    first = np.searchsorted(object_keys, detection_keys[starts], "left")
    behind = np.searchsorted(object_keys, detection_keys[starts], "right")
    sizes = np.prod(detections[:, 6:8] - detections[:, 4:6], axis=1)

    shape = (len(AREAS), len(THRESHOLDS), len(detections))
    matched, excused = np.zeros(shape, bool), np.zeros(shape, bool)
    for start, end, low, high in zip(starts, ends, first, behind):
        if low == high:
            continue
        end = min(end, start + 100)
        group = objects[low:high]
        crowd = group[:, 2] > 0
        shared = overlaps(detections[start:end, 4:8], group[:, 4:8], crowd)
        if shared.max() < THRESHOLDS[0]:
            continue
        sizes_of_group = group[None, :, 3]
        ignored = crowd | (sizes_of_group < SMALLEST) | (sizes_of_group > LARGEST)
        matched[:, :, start:end], excused[:, :, start:end] = match(shared, ignored, crowd)

    figures = []
    order = np.argsort(-detections[:, 2], kind="stable")
    for a, (smallest, largest) in enumerate(AREAS):
        excused[a] |= ~matched[a] & ((sizes < smallest) | (sizes > largest) | ~counted)
        wanted = (objects[:, 2] == 0) & (objects[:, 3] >= smallest) & (objects[:, 3] <= largest)
        values = []
        for category in np.unique(objects[wanted, 1]):
            positives = np.count_nonzero(wanted & (objects[:, 1] == category))
            chosen = order[detections[order, 1] == category]
            for t in range(len(THRESHOLDS)):
                right = matched[a, t, chosen][~excused[a, t, chosen]]
                found = np.cumsum(right)
                precision = np.maximum.accumulate((found / np.arange(1, len(found) + 1))[::-1])[::-1]
                at = np.searchsorted(found / positives, RECALLS)
                values.append(np.sum(precision[at[at < len(found)]]) / len(RECALLS))
        figures.append(np.mean(values))
    return figures


def main():
    what, path, number = sys.argv[1], sys.argv[2], int(sys.argv[3])
    if what == "label-maps":
        labels = np.fromfile(path, np.uint8)
        truth, predicted = np.split(labels, 2)
        run = lambda: [mean_iou(truth, predicted, number)]
    else:
        rows = np.fromfile(path, np.float64).reshape(-1, 8)
        objects, detections = rows[:number], rows[number:]
        run = lambda: average_precision(objects, detections)
    print("ready", flush=True)
    for _ in sys.stdin:
        print(" ".join(repr(float(figure)) for figure in run()), flush=True)


main()
