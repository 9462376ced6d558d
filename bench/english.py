"""English sentences, one a line, from the texts that Debian's packages bring: to train a model for elman pairs.

    apt-get install --no-install-recommends anarchism cataclysm-dda-data crawl-common dict-devil dict-foldoc dict-gcide \
        dict-jargon dict-wn endless-sky-data fortunes fortunes-min perl-doc sword-text-web
    python3 bench/english.py /usr/share/dictd/*.dict.dz /usr/share/doc/anarchism/html /usr/share/perl/*.*.*/pod \
        /usr/share/games/fortunes /usr/share/games/cataclysm-dda/json /usr/share/games/endless-sky/data \
        /usr/share/crawl/dat/d*/*.txt /usr/share/sword/modules > english.txt

Older prose is read too (sword-comm-tdavid; bible -f gen-rev of bible-kjv-text), but "doth ever" is no model for "has
ever": with a million words of it a 5-gram falls from 44 to 32 % on BLiMP's npi_present_1.

An argument is a file or a folder of files: text, .gz, .dz, .html, .pod, .json (its strings) or a module of SWORD.
What counts as a sentence: it begins with a capital, ends in a full stop, question or exclamation mark, has --min to
--max words, and no characters but ASCII letters, apostrophes, hyphens, commas, semicolons, colons and spaces. Of
dictionaries of dictd the quotations and the prose count; WordNet's examples ("he ran quickly") become sentences where
they begin with a pronoun or an article. Each sentence stands once, and all are in the order of their SHA-256, so that
any part of the output is a fair sample of it.
"""
import argparse
import collections
import gzip
import hashlib
import html
import json
import pathlib
import re
import sys
import zlib

PLAIN = str.maketrans({"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"', "\u2013": " - ", "\u2014": " - ", "\u00a0": " ", "`": "'"})
SENTENCE = re.compile(r"[A-Z][A-Za-z',;: -]*[a-z',][.?!]")
ENDS = re.compile(r"(?<=[.?!])[\"')\]]*\s+(?=[\"'(\[]*[A-Z])")
# After these a full stop ends no sentence.
SHORT = re.compile(r"\b(?:Mr|Mrs|Ms|Dr|St|Prof|Gen|Col|Capt|Rev|Hon|Sir|No|Vol|Fig|Op|Cit|vs|etc|cf|e\.g|i\.e|esp|viz|pp?|[A-Z])\.$")
CLAUSE = re.compile(r"(?:I|you|he|she|it|we|they|the|a|an|this|that|these|those|his|her|its|our|their|my|your|there|some|many|all|most|every|no)\b", re.I)


def read(path):
    data = path.read_bytes()
    if path.suffix in (".gz", ".dz"):
        data = gzip.decompress(data)
    if path.suffix in (".bzz", ".czz"):
        data = blocks(data)
    return data.decode("utf-8", "replace").replace("\r\n", "\n")


def blocks(data):
    """The text of a module of SWORD: the compressed blocks of a file."""
    text = b""
    begin = data.find(b"\x78\x9c")
    while begin >= 0:
        block = zlib.decompressobj()
        try:
            text += block.decompress(data[begin:])
            begin = data.find(b"\x78\x9c", len(data) - len(block.unused_data))
        except zlib.error:  # these two bytes were no block
            begin = data.find(b"\x78\x9c", begin + 1)
    return text


def paragraphs(path):
    """Yields the running text of a file, a paragraph at a time."""
    text = read(path)
    if path.name.startswith("wn.dict"):
        yield from wordnet(text)
    elif path.name.startswith("gcide.dict"):
        yield from webster(text)
    elif path.suffix == ".json":
        yield from strings(json.loads(text))
    elif len(re.findall(r"(?m)^\s*`", text)) > 20:  # a game's dialogues
        yield from re.findall(r"`([^`]*)`", text)
    elif path.suffix in (".html", ".htm", ".bzz", ".czz"):
        text = re.sub(r"(?is)<(script|style|head)\b.*?</\1>", " ", text)
        for part in re.split(r"(?i)</?(?:p|div|li|ul|ol|h\d|td|tr|table|dd|dt|blockquote|pre|br)\b[^>]*>", text):
            yield html.unescape(re.sub(r"<[^>]*>", "", part))
    elif path.suffix == ".pod":
        for part in text.split("\n\n"):
            if part[:1] not in (" ", "\t", "="):
                part = re.sub(r"[BIFCSX]<+ ?([^<>]*?) ?>+", r"\1", part)
                yield part.replace("E<gt>", ">").replace("E<lt>", "<")
    else:
        text = re.sub(r"(?m)^\w+\d+:\d+ ", "\n", text)  # verses of the bible
        text = re.sub(r"(?m)^%$|^\s+-- .*$", "\n", text)  # fortunes: between them, and their authors
        yield from re.split(r"\n\s*\n", text)


def strings(value):
    """All strings of a JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, (list, dict)):
        for part in value if isinstance(value, list) else value.values():
            yield from strings(part)


def webster(text):
    """Quotations and definitions of GCIDE, without authors, labels, sources and etymologies."""
    for part in re.split(r"\n\s*\n|\n\s*\[[^\]\n]*(?:Webster|WordNet|PJC|Suppl|Cruden|Century|RDH)[^\]]*\]", text):
        if not part.startswith(" "):
            continue  # a headword
        part = re.sub(r"\s--\s?[A-Z][^\n]*(?:\n\s+\([^\n]*)?", " ", part)
        part = re.sub(r"\[[^\]]*\]", " ", part)
        yield re.sub(r"^\s*(?:\d+\.|\([a-z]\))", "", part.replace("{", "").replace("}", ""))


def wordnet(text):
    """The examples of WordNet that have a subject."""
    for example in re.findall(r'"([^"]*)"', text):
        example = " ".join(example.split())
        if CLAUSE.match(example) and len(example.split()) > 3:
            yield example[0].upper() + example[1:] + ("" if example[-1] in ".?!" else ".")


def sentences(text):
    text = " ".join(text.translate(PLAIN).replace("--", " - ").split())
    text = re.sub(r"\((?:[^()]*)\)|\[[^\]]*\]", " ", text)
    begun = ""
    for part in ENDS.split(text):
        begun = f"{begun} {part}".strip()
        if not SHORT.search(begun):
            yield begun
            begun = ""


def clean(sentence):
    sentence = " ".join(sentence.replace('"', "").split()).strip("' ")
    return re.sub(r"\s+([,;:.?!])", r"\1", sentence)


def main():
    options = argparse.ArgumentParser(description="English sentences, one a line, from files and folders.")
    options.add_argument("paths", nargs="+", type=pathlib.Path)
    options.add_argument("--min", type=int, default=3, help="fewest words of a sentence")
    options.add_argument("--max", type=int, default=25, help="most words of a sentence")
    options.add_argument("--rare", type=int, default=0, help="leave out sentences with a word that occurs fewer times")
    o = options.parse_args()
    kept = {}
    for path in o.paths:
        files = sorted(f for f in path.rglob("*") if f.is_file()) if path.is_dir() else [path]
        before = len(kept)
        for file in files:
            if file.suffix not in ("", ".txt", ".json", ".pod", ".html", ".gz", ".dz", ".bzz", ".czz"):
                continue
            for paragraph in paragraphs(file):
                for sentence in map(clean, sentences(paragraph)):
                    if SENTENCE.fullmatch(sentence) and not sentence.startswith("Syn:") and o.min <= len(sentence.split()) <= o.max:
                        kept.setdefault(sentence)
        if len(kept) > before:
            print(f"{path}: {len(kept) - before} sentences", file=sys.stderr)
    if o.rare > 0:
        words = collections.Counter(word for s in kept for word in re.findall(r"[a-z'-]+", s.lower()))
        kept = [s for s in kept if all(words[w] >= o.rare for w in re.findall(r"[a-z'-]+", s.lower()))]
    for sentence in sorted(kept, key=lambda s: hashlib.sha256(s.encode()).digest()):
        print(sentence)


main()
