"""Work on masks by numpy, in its fastest reasonable form: a yardstick for speed and a check on the results.

Usage: masks.py iou-matrix FILE COUNT | masks.py polygons FILE COUNT | masks.py run-lengths FILE COUNT

Loads FILE, then answers every line on standard input with one run over the data and the resulting figure on standard output.
iou-matrix: 2 COUNT masks of 480 x 640 bytes, 0 or 1; the sum of the COUNT x COUNT intersections over unions.
polygons: COUNT polygons of equally many corners in doubles, x0 y0 x1 y1 ...; the sum of their areas at 640 x 480.
run-lengths: COUNT compressed texts, one a line; the sum of their areas.
"""
import sys

import numpy as np

WIDTH, HEIGHT = 640, 480


def iou_matrix(first, second, first_area, second_area):
    """One float32 product of flattened masks, which BLAS spreads over the threads it is given."""
    shared = first @ second.T
    return float((shared / (first_area[:, None] + second_area[None] - shared)).sum())


def polygon_area(corners):
    """COCO's rounding: corners on a grid of fifths, changes of sides where an edge passes the centre of a column."""
    grid = (5 * corners + .5).astype(np.int64)
    change = np.zeros((WIDTH, HEIGHT + 1), np.int8)
    following = np.roll(grid, -1, axis=0)
    for (x0, y0), (x1, y1) in zip(grid, following):
        if x0 == x1:
            continue
        wide = abs(x1 - x0) >= abs(y1 - y0)
        if (x0 > x1) if wide else (y0 > y1):
            x0, y0, x1, y1 = x1, y1, x0, y0
        steps = np.arange(max(abs(x1 - x0), abs(y1 - y0)) + 1)
        if wide:
            xs, ys = x0 + steps, (y0 + (y1 - y0) / (x1 - x0) * steps + .5).astype(np.int64)
        else:
            xs, ys = (x0 + (x1 - x0) / (y1 - y0) * steps + .5).astype(np.int64), y0 + steps
        left = np.minimum(xs[1:], xs[:-1])
        passes = (xs[1:] != xs[:-1]) & (left % 5 == 2) & (left >= 0) & (left < 5 * WIDTH)
        rows = np.clip((np.minimum(ys[1:], ys[:-1])[passes] + 2) // 5, 0, HEIGHT)
        np.add.at(change, (left[passes] // 5, rows), 1)
    return int((np.cumsum(change[:, :HEIGHT], axis=1, dtype=np.int8) & 1).sum())


def run_length_area(text):
    """Groups of five bits to numbers, differences to runs, and the runs inside added up."""
    groups = np.frombuffer(text, np.uint8).astype(np.int64) - 48
    last = (groups & 32) == 0
    ends = np.flatnonzero(last)
    starts = np.append(0, ends[:-1] + 1)
    place = np.arange(len(groups)) - np.repeat(starts, ends - starts + 1)
    numbers = np.add.reduceat((groups & 31) << (5 * place), starts)
    negative = (groups[ends] & 16) != 0
    numbers[negative] -= 1 << (5 * (place[ends][negative] + 1))
    odd = numbers[1::2]
    return int(np.cumsum(odd).sum())


def main():
    task, path, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
    if task == "iou-matrix":
        masks = np.fromfile(path, np.uint8).reshape(2, count, WIDTH * HEIGHT).astype(np.float32)
        areas = masks.sum(axis=2)
        work = lambda: iou_matrix(masks[0], masks[1], areas[0], areas[1])
    elif task == "polygons":
        polygons = np.fromfile(path).reshape(count, -1, 2)
        work = lambda: sum(polygon_area(corners) for corners in polygons)
    else:
        texts = open(path, "rb").read().split(b"\n")[:count]
        work = lambda: sum(run_length_area(text) for text in texts)
    print("ready", flush=True)
    for _ in sys.stdin:
        print(repr(work()), flush=True)


main()
