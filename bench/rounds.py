"""What all workers of the benchmark in Python share: their job, the text, and rounds on demand.

A worker is started with one argument, its job as JSON. It trains on the beginning of the text, unhurried, and prints a
line that says what it is and the mean loss it had on the way. Then it reads numbers from stdin; for each it trains on for
so many seconds and prints a line with how far it came, and its loss on the text held out if there is one. It ends with its
input.
"""
import ctypes
import json
import sys
import time

job = json.loads(sys.argv[1])
settings = job.get("settings")


def say(**line):
    print(json.dumps(line), flush=True)


def missing():
    """Ends a worker that lacks a library."""
    say(missing=True)
    sys.exit()


def symbols():
    """Returns the text as numbers below V, in two lists, to learn from and held out, and V."""
    with open(job["text"], encoding="utf-8", newline="") as f:
        text = f.read()
    number = {c: i for i, c in enumerate(sorted(set(text)))}
    text = [number[c] for c in text]
    learn = len(text) - int(len(text) * job["valid"]["share"])
    return text[:learn], text[learn:], len(number)


def blas():
    """Names the library that multiplies matrices for this process, and OpenBLAS's kernels, as far as the system shows it."""
    try:
        with open("/proc/self/maps") as f:
            lines = f.read().splitlines()
    except OSError:
        return "unknown BLAS"
    maps = "\n".join(lines).lower()
    for path in [line[line.find("/"):] for line in lines if "libopenblas" in line.lower() and "/" in line]:
        for name in ("openblas_get_corename", "scipy_openblas_get_corename64_", "openblas_get_corename64_"):
            try:
                corename = getattr(ctypes.CDLL(path), name)
            except (OSError, AttributeError):
                continue
            corename.restype = ctypes.c_char_p
            return "OpenBLAS " + corename().decode()
    for file, name in (("openblas", "OpenBLAS"), ("mkl_rt", "MKL"), ("blis", "BLIS"), ("libblas", "reference BLAS")):
        if file in maps:
            return name
    return "own BLAS"


def serve(about, step, validate=None):
    """Does the job, where step() trains on one window and returns its characters and their summed loss."""
    characters, loss = 0, 0.0
    while characters < job["check"]:
        n, window_loss = step()
        characters += n
        loss += window_loss
    say(about=about, loss=loss / characters)
    for line in sys.stdin:
        seconds, passed, characters = float(line), 0.0, 0
        start, busy = time.perf_counter(), time.process_time()
        while passed < seconds:
            characters += step()[0]
            passed = time.perf_counter() - start
        say(chars=characters, seconds=passed, cpu_seconds=time.process_time() - busy, **({"valid_loss": validate()} if job["valid"]["share"] else {}))
