"""How much of reading times surprisal explains: the Natural Stories corpus (Futrell and others 2021), self-paced reading.

    naturalstories.py STORIES TIMES FREQUENCY MODEL... [--elman PATH]

STORIES is all_stories.tok (word, zone, item) and TIMES processed_wordinfo.tsv (mean reading times by word). FREQUENCY is a text
whose words are counted, or a table of words and counts; the same for all models. Models in one call with names such as
words-1, words-2, words-3 are seeds of one condition, told together.

Elman scores each story as one text, its words as they were shown. All rows must come back, in order. The mean reading time of
a word is regressed, by ordinary least squares, on its position, length and log frequency, their product, and those of the two
words before (spillover); then on its bits and those of the two words before, too. Told are, for each model:

    bits      mean bits of a word; those that spell symbols outside the alphabet are no part of them, here and in what follows
    oov       words in a thousand that have such symbols
    dLL       log likelihood (nats) with bits less that without, of all words and 1000 * per word
    held out  the same per word, each story predicted from the other nine; mean over words, and its standard error over stories
    ms/bit    coefficients of the bits of the word, and of the first and second before
"""
import argparse
import collections
import csv
import os
import re
import subprocess
import sys
import time

import numpy as np

SPILLOVER = 2


def rows(path_or_lines, quoting):
    lines = open(path_or_lines, encoding="utf-8", newline="") if isinstance(path_or_lines, str) else path_or_lines
    return list(csv.DictReader(lines, delimiter="\t", quoting=quoting))


def score(elman, model, stories, frequency):
    """The table of stories with Elman's columns, and how long that took."""
    begun = time.perf_counter()
    out = subprocess.run([elman, "score", model, "--table", stories, "--text", "word", "--group", "item", "--spillover", str(SPILLOVER),
                          "--frequency", frequency, "--format", "tsv"], check=True, stdout=subprocess.PIPE).stdout
    return rows(out.decode("utf-8").splitlines(), csv.QUOTE_MINIMAL), time.perf_counter() - begun


def aligned(scored, stories, times):
    """The reading time of each scored row. Every row of the stories must be there, with its word and its time."""
    if len(scored) != len(stories):
        sys.exit("%d rows of %d came back" % (len(scored), len(stories)))
    time_of = {(r["item"], r["zone"]): r for r in times}
    out = []
    for number, (ours, story) in enumerate(zip(scored, stories), 2):
        read = time_of.get((story["item"], story["zone"]))
        if any(ours[name] != story[name] for name in story) or read is None or read["word"] != story["word"] or not ours["bits"]:
            sys.exit("row %d, %r, is not aligned with %r and %r" % (number, story, ours, read))
        out.append(float(read["meanItemRT"]))
    return np.array(out)


def predictors(scored):
    """Columns of the baseline, and of bits, for each word."""
    def number(r, name):
        return float(r[name]) if r[name] else 0.0

    before = [""] + ["_prev%d" % (n + 1) for n in range(SPILLOVER)]
    base, bits = [], []
    for i, r in enumerate(scored):
        row = [1.0, np.log(float(r["zone"]))]
        for suffix in before:
            length, frequency = number(r, "length" + suffix), np.log(1 + number(r, "frequency" + suffix))
            row += [length, frequency, length * frequency]
        base.append(row)
        spelled = [number(scored[i - n], "spelling_bits") if r["bits" + suffix] else 0.0 for n, suffix in enumerate(before)]
        bits.append([number(r, "bits" + suffix) - spelled[n] for n, suffix in enumerate(before)])
    return np.array(base), np.array(bits)


def likelihood(x, y, test_x=None, test_y=None):
    """Gaussian log likelihood of each test case by a least-squares fit, and the coefficients."""
    test_x, test_y = (x, y) if test_x is None else (test_x, test_y)
    w = np.linalg.lstsq(x, y, rcond=None)[0]
    variance = np.mean((y - x @ w) ** 2)
    return -0.5 * np.log(2 * np.pi * variance) - (test_y - test_x @ w) ** 2 / (2 * variance), w


def regress(scored, y):
    base, bits = predictors(scored)
    story = np.array([r["item"] for r in scored])
    keep = np.array([int(r["zone"]) > SPILLOVER for r in scored])  # the first words have none before
    scale = base[keep].std(0)
    base = (base - base[keep].mean(0)) / np.where(scale > 0, scale, 1)
    base[:, 0] = 1
    full = np.hstack([base, bits])
    b, f, y, story = base[keep], full[keep], y[keep], story[keep]
    (without, _), (within, w) = likelihood(b, y), likelihood(f, y)
    out = []
    for s in sorted(set(story)):
        test = story == s
        out.append(np.mean(likelihood(f[~test], y[~test], f[test], y[test])[0] - likelihood(b[~test], y[~test], b[test], y[test])[0]))
    return dict(words=len(y), base=without.sum(), dll=within.sum() - without.sum(), out=1000 * np.mean(out),
                error=1000 * np.std(out, ddof=1) / np.sqrt(len(out)), ms=w[-bits.shape[1]:], bits=bits[:, 0].mean(),
                oov=1000 * np.mean([float(r["oov"]) > 0 for r in scored]))


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("stories", "times", "frequency"):
        p.add_argument(name)
    p.add_argument("models", nargs="+")
    p.add_argument("--elman", default="elman", help="the program")
    a = p.parse_args()
    stories, times = rows(a.stories, csv.QUOTE_NONE), rows(a.times, csv.QUOTE_NONE)
    conditions = collections.defaultdict(list)
    for model in a.models:
        scored, seconds = score(a.elman, model, a.stories, a.frequency)
        r = regress(scored, aligned(scored, stories, times))
        if not conditions:
            print("%d rows of %d stories, all aligned; %d words in the regression; log likelihood without bits %.1f" %
                  (len(scored), len({s["item"] for s in stories}), r["words"], r["base"]))
            print("%-16s %7s %6s %5s %8s %9s %16s %20s" % ("model", "seconds", "bits", "oov", "dLL", "/1000 w.", "held out", "ms/bit: 0, 1, 2"))
        name = os.path.basename(os.path.normpath(model))
        conditions[re.sub(r"[-_.]?\d+$", "", name)].append(r)
        print("%-16s %7.1f %6.2f %5.0f %8.1f %9.2f %8.2f +- %4.2f %20s" % (name, seconds, r["bits"], r["oov"], r["dll"], 1000 * r["dll"] / r["words"],
                                                                    r["out"], r["error"], " ".join("%6.2f" % x for x in r["ms"])))
    for name, all in conditions.items():
        if len(all) > 1:
            print("%-16s %d seeds: dLL %.1f, standard deviation %.1f; held out %.2f, %.2f" % (
                name, len(all), np.mean([r["dll"] for r in all]), np.std([r["dll"] for r in all], ddof=1),
                np.mean([r["out"] for r in all]), np.std([r["out"] for r in all], ddof=1)))


if __name__ == "__main__":
    main()
