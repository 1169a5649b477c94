"""The reward benchmarks' peers: the same work on the same numbers in Python, each in its fastest reasonable form.

Needs numpy and scipy; the torch lines are left out where torch is missing. Prints one JSON object a line:
{"name": ..., "nanoseconds": ..., "what": ...}, the least of several repetitions.
`dotnet run -c Release --project benchmarks/Microsoft.ML.DrSeg.Benchmarks -- rewards` runs it and writes the table.
"""
import bisect
import itertools
import json
import multiprocessing.connection
import platform
import threading
import time

import numpy as np
from scipy.optimize import linear_sum_assignment

try:
    import torch
    torch.set_num_threads(1)
except ImportError:
    torch = None

WINDOW, STEP, COMPONENTS = 2048, 128, 3
GENERATOR = np.random.default_rng(1)


def report(name, what, work, calls=1, repetitions=40, least_seconds=0.002):
    """Least time of one of `calls` units of work; the least, because everything else the machine does only adds."""
    work()
    once = min(timed(work, 1) for _ in range(5))
    rounds = max(1, int(least_seconds / max(once, 1e-9)))
    best = min(timed(work, rounds) for _ in range(repetitions))
    print(json.dumps({"name": name, "nanoseconds": best / calls * 1e9, "what": what}), flush=True)


def timed(work, rounds):
    start = time.perf_counter()
    for _ in range(rounds):
        work()
    return (time.perf_counter() - start) / rounds


def rewards():
    window = GENERATOR.random((COMPONENTS, WINDOW))
    ordered = np.sort(window, axis=1)
    step = GENERATOR.random((COMPONENTS, STEP))
    # Rows are told apart by whole numbers, so that one call searches all three windows.
    offset = np.arange(COMPONENTS)[:, None] * 2.0
    flat, places = (ordered + offset).ravel(), np.arange(COMPONENTS)[:, None] * WINDOW

    def rank():
        values = (step + offset).ravel()
        below = np.searchsorted(flat, values, "left").reshape(COMPONENTS, STEP) - places
        not_above = np.searchsorted(flat, values, "right").reshape(COMPONENTS, STEP) - places
        return ((below + not_above) / (2.0 * WINDOW)).mean(axis=0)

    def rank_and_merge():
        rank()
        np.sort(np.concatenate([window[:, STEP:], step], axis=1), axis=1)

    report("StepAgainstWindow", "numpy, the whole step at once: searchsorted, then sort of the merged window", rank_and_merge)
    report("OneRankAgainstWindow", "numpy, the whole step at once without the merge, a reward's share of it", rank, calls=STEP)
    if torch is not None:
        windows, values = torch.from_numpy(ordered), torch.from_numpy(step)

        def torch_step():
            below = torch.searchsorted(windows, values)
            not_above = torch.searchsorted(windows, values, right=True)
            ranks = ((below + not_above) / (2.0 * WINDOW)).mean(0)
            return ranks, torch.sort(torch.cat([windows[:, STEP:], values], 1), 1)

        report("StepAgainstWindow", "torch, one batched searchsorted a side, then sort of the merged window", torch_step)
    report("StepWithinGroup", "numpy, soft ranks of all groups by one broadcast comparison", soft_ranks(GENERATOR.random((STEP // 8, 8))))


def soft_ranks(groups):
    def work():
        spread = groups.std(axis=1)[:, None, None]
        return (1 / (1 + np.exp((groups[:, None, :] - groups[:, :, None]) / (0.5 * spread)))).mean(axis=2)
    return work


def paper_arrangement():
    """A socket request for each reward, to a server that keeps the window and answers with the ranks."""
    rows = [sorted(GENERATOR.random(WINDOW).tolist()) for _ in range(COMPONENTS)]
    listener = multiprocessing.connection.Listener(("127.0.0.1", 0), authkey=b"local")

    def serve():
        with listener.accept() as connection:
            while (values := connection.recv()) is not None:
                connection.send([bisect.bisect_right(row, value) / WINDOW for row, value in zip(rows, values)])

    server = threading.Thread(target=serve, daemon=True)
    server.start()
    with multiprocessing.connection.Client(listener.address, authkey=b"local") as client:
        def ask():
            client.send((0.3, 0.5, 0.7))
            return client.recv()

        report("OneRankAgainstWindow", "a socket request for each reward, as in the paper's arrangement", ask)
        client.send(None)
    server.join()
    listener.close()


def one_answer():
    """From the text of an answer with three objects to its reward."""
    ordered = np.sort(GENERATOR.random((COMPONENTS, WINDOW)), axis=1)
    side, diagonal = 840, 840 * 2 ** 0.5

    def draw():
        corner, size = GENERATOR.integers(0, 600, 2), GENERATOR.integers(20, 200, 2)
        return {"bbox_2d": [int(n) for n in [*corner, *(corner + size)]], "point_2d": [int(n) for n in corner + size // 2]}

    truth = [draw() for _ in range(3)]
    text = ("<think>The scene holds several things. <look> the left edge and its colour </look> So the match is clear.</think><answer>"
            + json.dumps([draw() for _ in range(3)]) + "</answer>")
    boxes, points = (np.array([one[key] for one in truth], float) for key in ("bbox_2d", "point_2d"))
    areas = np.prod(boxes[:, 2:] - boxes[:, :2], axis=1)

    def from_objects(answered):
        box, point = (np.array([one[key] for one in answered], float) for key in ("bbox_2d", "point_2d"))
        near, far = np.maximum(box[:, None, :2], boxes[None, :, :2]), np.minimum(box[:, None, 2:], boxes[None, :, 2:])
        shared = np.prod(np.maximum(far - near, 0), axis=2)
        overlap = shared / (np.prod(box[:, 2:] - box[:, :2], axis=1)[:, None] + areas[None] - shared)
        distance = np.sqrt(((point[:, None] - points[None]) ** 2).sum(axis=2))
        row, column = linear_sum_assignment(1 - overlap + distance / diagonal)
        score = np.clip((200 - distance[row, column]) / 170, 0, 1).mean()
        raw = (overlap[row, column].mean(), min(len(box), len(boxes)) / max(len(box), len(boxes)), score)
        return sum((np.searchsorted(ordered[k], raw[k], "left") + np.searchsorted(ordered[k], raw[k], "right")) / (2.0 * WINDOW) for k in range(3)) / 3

    answered = json.loads(text[text.index("<answer>") + 8:text.rindex("</answer>")])
    report("OneRewardFromObjects", "numpy and scipy, one answer", lambda: from_objects(answered))
    report("OneRewardFromText", "json, numpy and scipy, one answer",
           lambda: from_objects(json.loads(text[text.index("<answer>") + 8:text.rindex("</answer>")])))


def whole_step():
    """Matching, scores, ranks and merge of 128 answers with three objects each, vectorised over the step."""
    side, objects = 840, 3
    diagonal = side * 2 ** 0.5

    def draw():
        corner, size = GENERATOR.integers(0, 600, (STEP, objects, 2)), GENERATOR.integers(20, 200, (STEP, objects, 2))
        return np.concatenate([corner, corner + size], axis=2).astype(float), (corner + size // 2).astype(float)

    (box, point), (boxes, points) = draw(), draw()
    window = GENERATOR.random((COMPONENTS, WINDOW))
    offset = np.arange(COMPONENTS)[:, None] * 2.0
    places = np.arange(COMPONENTS)[:, None] * WINDOW
    flat = (np.sort(window, axis=1) + offset).ravel()

    def areas(of):
        return (of[..., 2] - of[..., 0]) * (of[..., 3] - of[..., 1])

    def step():
        extent = np.minimum(box[:, :, None, 2:], boxes[:, None, :, 2:]) - np.maximum(box[:, :, None, :2], boxes[:, None, :, :2])
        shared = np.maximum(extent, 0).prod(axis=3)
        overlap = shared / (areas(box)[:, :, None] + areas(boxes)[:, None] - shared)
        distance = np.sqrt(((point[:, :, None] - points[:, None]) ** 2).sum(axis=3))
        columns = np.array([linear_sum_assignment(cost)[1] for cost in 1 - overlap + distance / diagonal])[:, :, None]
        score = np.clip((200 - np.take_along_axis(distance, columns, 2)) / 170, 0, 1)
        raw = np.stack([np.take_along_axis(overlap, columns, 2).mean(axis=(1, 2)), np.ones(STEP), score.mean(axis=(1, 2))])
        values = (raw + offset).ravel()
        below = np.searchsorted(flat, values, "left").reshape(COMPONENTS, STEP) - places
        not_above = np.searchsorted(flat, values, "right").reshape(COMPONENTS, STEP) - places
        np.sort(np.concatenate([window[:, STEP:], raw], axis=1), axis=1)
        return ((below + not_above) / (2.0 * WINDOW)).mean(axis=0)

    report("StepFromObjects", "numpy vectorised over the step, scipy for each matching", step)


def cost_matrix(kind, size, seed):
    """The same numbers as CostMatrix.Draw in C#."""
    state = seed

    def draw():
        nonlocal state
        state = (state * 6364136223846793005 + 1442695040888963407) % 2 ** 64
        return (state >> 11) / 2 ** 53

    if kind == "random":
        return np.array([draw() for _ in range(size * size)]).reshape(size, size)
    if kind == "tied":
        return np.floor(4 * np.array([draw() for _ in range(size * size)])).reshape(size, size)
    x, y = (np.array([draw() for _ in range(size)]) for _ in range(2))
    u = x + .1 * np.array([draw() for _ in range(size)])
    v = y + .1 * np.array([draw() for _ in range(size)])
    return np.sqrt((x[:, None] - u[None]) ** 2 + (y[:, None] - v[None]) ** 2)


def matching():
    for size in (5, 20, 120):
        for kind in ("random", "tied", "structured"):
            matrices = [cost_matrix(kind, size, seed) for seed in range(1, 17)]

            def solve_all():
                for matrix in matrices:
                    linear_sum_assignment(matrix)

            report(f"Solve/{size}/{kind}", "scipy's linear_sum_assignment (C++)", solve_all, calls=16)


def window():
    ordered = np.sort(GENERATOR.random(WINDOW))
    # Many steps in turn, as here: the values of a single one would stay in the processor's cache.
    steps = [GENERATOR.random(STEP) for _ in range(64)]
    leaving = [np.sort(GENERATOR.choice(ordered, STEP, replace=False)) for _ in range(64)]
    turn = itertools.count()

    def query():
        step = steps[next(turn) % 64]
        return (np.searchsorted(ordered, step, "left") + np.searchsorted(ordered, step, "right")) / (2.0 * WINDOW)

    def merge():
        place = next(turn) % 64
        rest = np.delete(ordered, np.searchsorted(ordered, leaving[place]))
        arriving = np.sort(steps[place])
        return np.insert(rest, np.searchsorted(rest, arriving), arriving)

    report("Query", "numpy searchsorted of 128 values at once, a value's share", query, calls=STEP)
    report("Merge", "numpy delete and insert at searched places", merge)


def disc(x, y, radius, side=192):
    rows, columns = np.mgrid[:side, :side]
    return (columns - x) ** 2 + (rows - y) ** 2 < radius ** 2


def masks():
    first, second = disc(80, 90, 40), disc(95, 100, 38)

    def bounds(mask):
        edges = np.flatnonzero(np.diff(np.concatenate([[0], mask.T.ravel().astype(np.int8), [0]])))
        return edges[0::2], edges[1::2], np.concatenate([[0], np.cumsum(edges[1::2] - edges[0::2])])

    (a_start, a_end, a_sum), (b_start, b_end, b_sum) = bounds(first), bounds(second)

    def pixels_before(place):
        """Pixels of the second mask before a place."""
        run = np.searchsorted(b_start, place, "right") - 1
        inside = np.clip(place - b_start[run], 0, b_end[run] - b_start[run])
        return np.where(run >= 0, b_sum[run] + inside, 0)

    def on_runs():
        shared = (pixels_before(a_end) - pixels_before(a_start)).sum()
        return shared / (a_sum[-1] + b_sum[-1] - shared)

    def on_pixels():
        return np.count_nonzero(first & second) / np.count_nonzero(first | second)

    assert on_runs() == on_pixels()
    report("IntersectionOverUnion", "numpy on run lengths", on_runs)
    report("IntersectionOverUnion", "numpy on unpacked pixels (192 x 192)", on_pixels)


if __name__ == "__main__":
    print(json.dumps({"name": "versions", "nanoseconds": 0, "what": f"Python {platform.python_version()}, numpy {np.__version__}, "
                      f"scipy {__import__('scipy').__version__}, torch {torch.__version__ if torch else 'missing'}"}))
    rewards()
    paper_arrangement()
    one_answer()
    whole_step()
    matching()
    window()
    masks()
