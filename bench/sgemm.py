"""The matrix products of a training step in numpy, which has a BLAS make them: for each window one call, which calls the
BLAS once per time step, so that Python's own time does not count.

A line of stdin is the number of a shape and seconds. For so long windows of that shape's products are made and timed, one
by one, in processor time; the answer is the median. The first window after each line is not timed.
"""
import statistics
import sys
import time

import rounds

try:
    import numpy as np
except ImportError:
    rounds.missing()


def matrix(*shape):
    return (1 + np.arange(np.prod(shape)) % 7).astype(np.float32).reshape(shape)


def build(shape):
    """Returns a function that makes the products of one window."""
    M, N, K, T = shape["m"], shape["n"], shape["k"], shape["steps"]
    if shape["kind"] == "gradient":
        a, b, c = matrix(K, M).T, matrix(K, N), matrix(M, N)
    elif shape["kind"] == "backward":
        a, b, c = matrix(T, M, K), matrix(N, K).T, matrix(T, M, N)
    else:
        a, b, c = matrix(T, M, K), matrix(K, N), matrix(T, M, N)
    return lambda: np.matmul(a, b, out=c)


rounds.say(about="numpy %s, %s" % (np.__version__, rounds.blas()))
clock = time.thread_time if sys.platform == "linux" else time.perf_counter
last = None
for line in sys.stdin:
    number, seconds = line.split()
    if number != last:
        last, window = number, build(rounds.job["shapes"][int(number)])
    window()
    times, start = [], time.perf_counter()
    while not times or time.perf_counter() - start < float(seconds):
        before = clock()
        window()
        times.append(clock() - before)
    rounds.say(seconds=statistics.median(times))
