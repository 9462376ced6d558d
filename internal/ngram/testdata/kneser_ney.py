#!/usr/bin/env python3
"""Interpolated modified Kneser-Ney, written from the formulas of Chen and Goodman (1998) with dictionaries: slow, and
independent of package ngram, whose tests hold its numbers against those printed here.

    kneser_ney.py [--random | FILE...]

Each FILE is a text of characters; without one, and with --random, texts that a formula generates. One line for each order:
the mean loss, in nats per symbol, on the last tenth, after learning the rest.
"""
import collections
import math
import sys

ORDER = 8


class KneserNey:
    """One model of one order. A section is (symbol before it, its symbols)."""

    def __init__(self, sections, V, order):
        self.V, self.N = V, order
        # c[k][h][w]: how often w follows the k-1 symbols h. before[k][h][w]: what stands before hw.
        c = [collections.defaultdict(collections.Counter) for _ in range(order + 1)]
        before = [collections.defaultdict(lambda: collections.defaultdict(set)) for _ in range(order + 1)]
        for number, (start, symbols) in enumerate(sections):
            s = [start] + list(symbols)
            for end in range(1, len(s)):
                for k in range(1, order + 1):
                    first = end - k + 1
                    if first < 0:
                        break
                    h, w = tuple(s[first:end]), s[end]
                    c[k][h][w] += 1
                    before[k][h][w].add(s[first - 1] if first > 0 else ("unknown", number))
        a = [{h: {w: len(who) for w, who in followers.items()} for h, followers in level.items()} for level in before]
        self.highest, self.lower = c, a
        self.D_highest = [None] + [discounts(level) for level in c[1:]]
        self.D_lower = [None] + [discounts(level) for level in a[1:]]

    def p(self, before, w):
        """The probability of w after all symbols of its section, with the one before it."""
        if len(before) < self.N - 1:
            return self.q(tuple(before), w)
        h = tuple(before[len(before) - self.N + 1:])
        return self.mix(self.highest, self.D_highest, h, w)

    def q(self, h, w):
        return self.mix(self.lower, self.D_lower, h, w)

    def mix(self, level, D, h, w):
        k = len(h) + 1
        shorter = self.q(h[1:], w) if h else 1 / self.V
        followers = level[k].get(h)
        if not followers:
            return shorter
        total = sum(followers.values())
        free = sum(D[k][min(n, 3)] for n in followers.values())
        n = followers.get(w, 0)
        return (n - D[k][min(n, 3)]) / total + free / total * shorter


def discounts(level):
    n = collections.Counter(count for followers in level.values() for count in followers.values())
    D = [0, 0.5, 1, 1.5]
    if n[1] and n[2]:
        Y = n[1] / (n[1] + 2 * n[2])
        for i in (1, 2, 3):
            if n[i] and n[i + 1] and i - (i + 1) * Y * n[i + 1] / n[i] > 0:
                D[i] = i - (i + 1) * Y * n[i + 1] / n[i]
    return D


def generated(seed, V, length):
    """Symbols of which some recur in phrases: a linear congruential generator chooses."""
    state, out = seed, []

    def draw(n):
        nonlocal state
        state = (state * 1103515245 + 12345) % 2**31
        return (state >> 16) % n

    while len(out) < length:
        if len(out) > 8 and draw(3) > 0:
            at = draw(len(out) - 6)
            out += out[at:at + 2 + draw(5)]
        else:
            out.append(draw(V))
    return out[:length]


def losses(symbols, V, start):
    """Mean losses of orders 1 to ORDER on the last tenth."""
    n = len(symbols) * 9 // 10
    result = []
    for N in range(1, ORDER + 1):
        m = KneserNey([(start, symbols[:n])], V, N)
        s = [start] + symbols
        total = 0.0
        for i in range(n, len(symbols)):
            total -= math.log(m.p(s[max(0, i + 1 - N):i + 1], symbols[i]))
        result.append(total / (len(symbols) - n))
    return result


def main():
    files = [f for f in sys.argv[1:] if f != "--random"]
    for name in files:
        text = open(name, encoding="utf-8", newline="").read()
        alphabet = sorted(set(text))
        symbols = [alphabet.index(x) for x in text]
        for N, loss in enumerate(losses(symbols, len(alphabet) + 1, alphabet.index("\n")), 1):  # with the escape
            print(f"{name}: {N}-gram {loss:.12f}")
    if not files:
        for seed, V, length in ((1, 2, 400), (2, 5, 1000), (3, 30, 3000), (4, 1000, 3000)):
            values = ", ".join(f"{x:.12f}" for x in losses(generated(seed, V, length), V, 0))
            print(f"{{{seed}, {V}, {length}, []float64{{{values}}}}},")


if __name__ == "__main__":
    main()
