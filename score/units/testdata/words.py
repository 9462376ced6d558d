"""Word surprisals of small models, computed with numpy alone: python3 words.py > words.json

Subwords are those of corpus/testdata/bpe.py.

The network is Elman's, h = tanh(x U + a + h W + b), logits = V h + c, with weights given by a formula, in float64.
"""
import json
import pathlib
import re
import sys

import numpy as np

sys.path.append(str(pathlib.Path(__file__).parents[3] / "corpus" / "testdata"))
import bpe

SUBWORDS = 300
TEXT = "The king, he fears the secret of the candle; don't\tyou?\nA bird - 3,4  feathers.\n"
READ = "the secret  don't, he\n\n\tfears 3,4 - candle. A  The"
H = 5


def subwords():
    """All subwords, in the order of their numbers."""
    every = [bytes([b]) for b in range(256)]
    for a, b in bpe.learn(TEXT.encode(), SUBWORDS, 2):
        every.append(every[a] + every[b])
    return every


def symbols(text, kind):
    """The symbols of a text, each with what it adds to the text."""
    if kind == "subwords":
        every = subwords()
        return [(every[i], every[i]) for i in bpe.encode(text.encode(), bpe.learn(TEXT.encode(), SUBWORDS, 2))]
    if kind == "bytes":
        return [(bytes([b]), bytes([b])) for b in text.encode()]
    if kind == "chars":
        return [(c.encode(), c.encode()) for c in text]
    out, spaced = [], False
    for piece in re.findall(r"[^\W_]+(?:['-][^\W_]+)*|.", text, re.S):
        out.append(piece)
    result, i = [], 0
    while i < len(out):
        word = out[i][0].isalnum()
        if out[i] == " " and spaced and i + 1 < len(out) and out[i + 1][0].isalnum():
            result.append((out[i + 1].encode(), (" " + out[i + 1]).encode()))
            i += 1
            word = True
        elif word and spaced:
            result += [(b"", b""), (out[i].encode(), out[i].encode())]
        else:
            result.append((out[i].encode(), out[i].encode()))
        spaced = word or out[i] in ".,;:!?"
        i += 1
    return result


def weights(n, rows, columns):
    r, c = np.mgrid[0:rows, 0:columns]
    return (1.5 * np.sin(12.9898 * n + 78.233 * r + 37.719 * c)).astype(np.float32).astype(float)


def words(kind):
    alphabet = subwords() if kind == "subwords" else sorted({s for s, _ in symbols(TEXT, kind)})
    number = {s: i for i, s in enumerate(alphabet)}
    V = len(alphabet)
    U, W, a, b = weights(0, V, H), weights(1, H, H), weights(2, 1, H)[0], weights(3, 1, H)[0]
    D, c = weights(4, V, H), weights(5, 1, V)[0]
    h, last = np.zeros(H), number[b"\n"]
    spaced = False  # a space before a word is implied
    found = []
    for symbol, piece in symbols(READ, kind):
        h = np.tanh(U[last] + a + h @ W + b)
        logits = D @ h + c
        p = np.exp(logits - logits.max())
        p /= p.sum()
        # Symbols that begin with white space here.
        space = np.array([s[:1].isspace() or (spaced and s[:1].isalnum()) for s in alphabet])
        x = number[symbol]
        inside = not piece.strip()
        if piece[:1].isspace():
            if found and not found[-1]["ended"]:  # p(x) = p(white space) p(x | white space)
                found[-1]["bits"] -= np.log2(p[space].sum())
                found[-1]["ended"] = True
                charge = -np.log2(p[x] / p[space].sum())
            else:
                charge = -np.log2(p[x])
        else:
            charge = -np.log2(p[x])
        if inside and piece:
            found[-1]["space"] += charge
        elif found and not found[-1]["ended"] and not piece[:1].isspace():
            found[-1]["bits"] += charge
            found[-1]["word"] += piece.decode()
        else:
            rank = 1 + int((p > p[x]).sum())
            found.append(dict(word=piece.decode().strip(), bits=charge, space=0.0, entropy=-(p * np.log2(p)).sum(), rank=rank, ended=False))
        last = x
        spaced = kind == "words" and (symbol[:1].isalnum() or symbol in (b".", b",", b";", b":", b"!", b"?"))
    for w in found:
        del w["ended"]
        for key in ("bits", "space", "entropy"):
            w[key] = round(float(w[key]), 6)
    return found


if __name__ == "__main__":
    print(json.dumps(dict(text=TEXT, read=READ, words={k: words(k) for k in ("bytes", "chars", "words", "subwords")}), indent=1))
