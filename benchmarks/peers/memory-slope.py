#!/usr/bin/python3
"""Samples a process's resident memory until it ends, then prints the slope after the first fifth with a 95 % interval.

usage: memory-slope.py PID CSV [SECONDS_BETWEEN_SAMPLES]

Memory is autocorrelated, so that the usual interval of a regression would be far too narrow: the interval here is over the
slopes of ten blocks (Student's t, 9 degrees of freedom).
"""
import sys
import time

import numpy

pid, path = int(sys.argv[1]), sys.argv[2]
interval = float(sys.argv[3]) if len(sys.argv) > 3 else 2.0
began = time.monotonic()
samples = []
with open(path, "w") as out:
    out.write("seconds,megabytes\n")
    while True:
        try:
            with open(f"/proc/{pid}/statm") as statm:
                pages = int(statm.read().split()[1])
        except (FileNotFoundError, ProcessLookupError):
            break
        if pages == 0:  # ended, but not yet waited for
            break
        samples.append((time.monotonic() - began, pages * 4096 / 1e6))
        out.write("%.1f,%.2f\n" % samples[-1])
        out.flush()
        time.sleep(interval)

steady = numpy.array(samples[len(samples) // 5:])
if len(steady) < 40:
    sys.exit(f"only {len(steady)} samples after the first fifth; a slope needs 40")
slopes = [numpy.polyfit(block[:, 0], block[:, 1], 1)[0] * 3600 for block in numpy.array_split(steady, 10)]
mean, half = numpy.mean(slopes), 2.262 * numpy.std(slopes, ddof=1) / numpy.sqrt(10)
whole = numpy.polyfit(steady[:, 0], steady[:, 1], 1)[0] * 3600
print(f"{len(samples)} samples over {samples[-1][0]:.0f} s; last {samples[-1][1]:.0f} MB, largest {max(m for _, m in samples):.0f} MB")
print(f"slope of the whole: {whole:+.2f} MB/h; mean of ten blocks: {mean:+.2f} MB/h, 95 % interval {mean - half:+.2f} to {mean + half:+.2f}")
