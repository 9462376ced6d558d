"""Byte-level BPE by its definition, as slow as can be, to check package corpus: docs/words.md has the rules.

    python3 bpe.py > bpe.json

learns from random texts and writes texts, merges and segmentations. With file names, size and least count it prints merges."""

import json
import random
import sys
import unicodedata
from collections import Counter

LONGEST = 64
BLANKS = " \t\v\f\r\n"


def characters(data):
    """The characters of bytes, as (character or None, its bytes)."""
    i = 0
    while i < len(data):
        for n in (1, 2, 3, 4):
            try:
                yield data[i : i + n].decode(), data[i : i + n]
                break
            except UnicodeDecodeError:
                pass
        else:
            n = 1
            yield None, data[i : i + 1]
        i += n


def is_word(c):
    return c is not None and unicodedata.category(c)[0] in "LNM"


def pre_tokens(data):
    text = list(characters(data))
    kind = ["w" if is_word(c) else "b" if c is not None and c in BLANKS else "o" for c, _ in text]
    i = 0
    while i < len(text):
        end = i
        if text[i][0] == "\n":
            end = i + 1
        elif kind[i] == "b" and not (text[i][0] == " " and i + 1 < len(text) and kind[i + 1] != "b"):
            while end < len(text) and kind[end] == "b" and text[end][0] != "\n":
                end += 1
            if end < len(text) and kind[end] != "b" and text[end - 1][0] == " " and end > i + 1:
                end -= 1
        else:
            if kind[i] == "b":
                end += 1
            if kind[end] == "w":
                while end < len(text) and (
                    kind[end] == "w"
                    or text[end][0] in ("'", "-", "’") and kind[end - 1] == "w" and end + 1 < len(text) and kind[end + 1] == "w"
                ):
                    end += 1
            else:
                while end < len(text) and kind[end] == "o":
                    end += 1
        size = sum(len(b) for _, b in text[i:end])
        if size > LONGEST:
            # After 64 bytes, or up to 3 before, where a byte begins a character.
            flat = b"".join(b for _, b in text[i:end])
            cut = next((n for n in range(LONGEST, LONGEST - 4, -1) if flat[n] & 0xC0 != 0x80), LONGEST)
            size, end = 0, i
            while size < cut:
                size += len(text[end][1])
                end += 1
        yield b"".join(b for _, b in text[i:end])
        i = end


def apply(word, pair, symbol):
    out, k = [], 0
    while k < len(word):
        if k + 1 < len(word) and (word[k], word[k + 1]) == pair:
            out.append(symbol)
            k += 2
        else:
            out.append(word[k])
            k += 1
    return out


def learn(data, size, least):
    words = [(list(word), n) for word, n in Counter(pre_tokens(data)).items()]
    merges = []
    while 256 + len(merges) < size:
        counts = Counter()
        for word, n in words:
            for p in zip(word, word[1:]):
                counts[p] += n
        best = min(counts, key=lambda p: (-counts[p], p), default=None)
        if best is None or counts[best] < least:
            break
        words = [(apply(word, best, 256 + len(merges)), n) for word, n in words]
        merges.append(best)
    return merges


def encode(data, merges):
    ids = []
    for word in pre_tokens(data):
        word = list(word)
        for i, p in enumerate(merges):
            word = apply(word, p, 256 + i)
        ids += word
    return ids


def random_text(rng):
    pieces = ["the ", "he's ", "rock-'n'-roll", "\n", "\r\n", "  ", "   x", "\t", "!?", " (", "é", "naïve", "世界", "ab", "aaa", "abab", " ",
              "Zoë", "3,4", "''", "--", "\u00a0", "e\u0301", "😀", "_", "’s", " '", "x" * 70, "-" * 150, " " * 67, "é" * 40]
    data = b"".join(rng.choice(pieces).encode() for _ in range(rng.randrange(1, 80)))
    for _ in range(rng.randrange(4)):
        i = rng.randrange(len(data))
        data = data[:i] + bytes([rng.choice([0x80, 0xC3, 0xE2, 0xF0, 0xFF, 0xED])]) + data[i + rng.randrange(2) :]
    return data


def main():
    if len(sys.argv) > 2:
        with open(sys.argv[1], "rb") as f:
            data = f.read()
        print(json.dumps(learn(data, int(sys.argv[2]), int(sys.argv[3]))))
        return
    rng = random.Random(1)
    print("[")
    for i in range(14):
        data, other = random_text(rng), random_text(rng)
        size, least = 256 + rng.choice([0, 5, 40, 10**6 - 256]), rng.choice([2, 2, 3])
        merges = learn(data, size, least)
        print(json.dumps({"learn": data.hex(), "size": size, "least": least, "merges": merges, "read": other.hex(), "ids": encode(other, merges)}, separators=(",", ":")) + ("," if i < 13 else ""))
    print("]")


if __name__ == "__main__":
    main()
