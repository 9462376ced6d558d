#!/usr/bin/env python3
"""Puts the advice of elman score --verdict to the test: trains, asks for the verdict, trains again as advised, and compares
the losses on the text held out.

    ELMAN=elman bench/advice.py FOLDER [A|B|C|D|E]...

FOLDER holds the texts: shakespeare.txt (tiny Shakespeare), bible.txt (bible -f), opticks.txt (Go's testdata), names.txt
(makemore's), jargon.txt and devil.txt (Debian's dict-jargon and dict-devil), vim.txt (Vim's eval.txt), gosource.txt (Go's
net and go, without tests, joined), and play, logs, reber and sentences (elman corpus NAME --size 1000000 --seed 7). Results
stay in FOLDER, so that the script goes on where it stopped.

The rules were made on the settings of A to D; those of E had no part in that. Advice is right if the loss of the training that
follows it is below the losses of two that do not, with seeds 1 and 2.
"""
import json
import os
import shutil
import subprocess
import sys

ELMAN = os.environ.get("ELMAN", "elman")
LINES = "--documents line"
PLAIN = "--dropout 0 --dropout-recurrent 0"
SETTINGS = {  # text, characters, passes (below 0: training steps), hidden units, other flags
    "A": [
        ("shakespeare", 100000, 10, 64, ""), ("shakespeare", 400000, 3, 32, ""), ("shakespeare", 300000, 1, 96, ""),
        ("shakespeare", 60000, 40, 128, PLAIN), ("shakespeare", 30000, 60, 32, ""), ("bible", 300000, 2, 48, ""),
        ("bible", 80000, 30, 96, PLAIN), ("opticks", 280000, 1, 64, ""), ("opticks", 80000, 15, 64, ""),
        ("names", 100000, 5, 32, LINES), ("names", 60000, 40, 96, LINES + " " + PLAIN), ("play", 150000, 2, 32, ""),
        ("play", 200000, 8, 64, ""), ("play", 60000, 30, 96, ""), ("logs", 150000, 4, 48, LINES), ("reber", 60000, 20, 16, ""),
        ("gosource", 300000, 1, 64, ""), ("gosource", 100000, 20, 96, ""), ("shakespeare", 200000, 6, 48, "--symbols words"),
        ("bible", 200000, 4, 48, "--symbols bytes"), ("sentences", 60000, 8, 16, ""), ("opticks", 40000, 100, 48, ""),
        ("shakespeare", 400000, -90, 64, ""), ("shakespeare", 150000, 3, 48, "--optimizer adagrad"),
    ],
    "B": [
        ("jargon", 100000, 8, 48, ""), ("jargon", 300000, 1, 64, ""), ("jargon", 50000, 50, 96, PLAIN),
        ("devil", 80000, 20, 64, ""), ("devil", 150000, 3, 96, ""), ("vim", 200000, 5, 32, ""), ("vim", 60000, 40, 96, PLAIN),
        ("vim", 300000, 1, 48, "--cell gru"), ("bible", 150000, 6, 96, ""), ("bible", 400000, -120, 64, ""),
        ("opticks", 150000, 4, 48, "--cell elman"), ("opticks", 100000, 40, 32, ""), ("names", 120000, 12, 64, LINES),
        ("names", 40000, 80, 64, LINES), ("logs", 300000, 2, 32, LINES), ("logs", 40000, 30, 64, LINES), ("play", 400000, 1, 48, ""),
        ("play", 300000, 12, 24, ""), ("gosource", 150000, 5, 128, ""), ("gosource", 60000, 60, 64, ""), ("reber", 200000, 6, 24, ""),
        ("sentences", 30000, 60, 32, ""), ("shakespeare", 150000, 12, 48, "--symbols words"), ("shakespeare", 250000, 20, 48, ""),
    ],
    "C": [
        ("shakespeare", 60000, 20, 256, ""), ("names", 60000, 26, 256, LINES), ("opticks", 80000, 10, 256, ""),
        ("reber", 30000, 60, 64, ""), ("sentences", 30000, 40, 64, ""), ("logs", 60000, 20, 192, LINES),
        ("gosource", 60000, 15, 256, ""), ("play", 60000, 20, 192, ""),
    ],
    "D": [
        ("devil", 40000, 40, 64, PLAIN), ("opticks", 40000, 40, 64, PLAIN), ("gosource", 50000, 40, 64, PLAIN), ("vim", 40000, 60, 96, ""),
        ("shakespeare", 40000, 40, 96, PLAIN), ("bible", 40000, 60, 96, PLAIN), ("names", 30000, 60, 64, LINES + " " + PLAIN),
        ("logs", 30000, 60, 96, LINES),
    ],
    "E": [
        ("shakespeare", 200000, 4, 128, ""), ("shakespeare", 500000, 2, 64, "--cell gru"), ("shakespeare", 100000, 25, 96, ""),
        ("shakespeare", 800000, 1, 256, ""), ("bible", 250000, 8, 64, ""), ("bible", 60000, 30, 128, ""),
        ("bible", 100000, 5, 64, "--symbols words"), ("opticks", 200000, 10, 48, ""), ("opticks", 60000, 50, 96, PLAIN),
        ("opticks", 500000, -60, 128, ""), ("names", 200000, 8, 96, LINES), ("names", 80000, 40, 128, LINES + " " + PLAIN),
        ("jargon", 200000, 6, 96, ""), ("jargon", 60000, 60, 64, PLAIN), ("devil", 200000, 8, 48, "--cell elman"),
        ("devil", 60000, 30, 128, ""), ("vim", 150000, 15, 96, ""), ("vim", 80000, 40, 64, PLAIN), ("gosource", 400000, 2, 96, ""),
        ("gosource", 100000, 40, 64, PLAIN), ("play", 500000, 3, 64, ""), ("logs", 200000, 10, 64, LINES),
        ("sentences", 100000, 30, 32, ""),
    ],
}


def text(setting):
    """The last tenth is held out; whatever is learned, it is the same."""
    name, size = setting[:2]
    with open(name + ".txt", encoding="latin-1", newline="") as f:
        s = f.read()[:1000000]
    if name == "jargon":
        s = "".join(c for c in s if ord(c) < 128)
    end = min(len(s), 900000)
    return s[max(0, end - size):end]


def train(tag, setting, passes, hidden, seed=1):
    """The lowest loss on text held out; the run stays in run-TAG if seed and settings are the first."""
    if os.path.exists(tag + ".json"):
        with open(tag + ".json") as f:
            return json.load(f)["valid"]
    with open(tag + ".text", "w", encoding="latin-1", newline="") as f:
        f.write(text(setting))
    run = "run-" + tag
    shutil.rmtree(run, ignore_errors=True)
    length = ["--epochs", str(passes)] if passes > 0 else ["--steps-total", str(-passes)]
    subprocess.run([ELMAN, "train", tag + ".text", "--out", run, *length, "--hidden", str(hidden), "--seed", str(seed),
                    "--quiet", *setting[4].split()], check=True, stdout=subprocess.DEVNULL)
    with open(run + "/metrics.jsonl") as f:
        loss = min(json.loads(line)["valid_loss"] for line in f)
    with open(tag + ".json", "w") as f:
        json.dump({"valid": loss}, f)
    return loss


def verdict(tag):
    out = subprocess.run([ELMAN, "score", "run-" + tag, tag + ".text", "--verdict", "--format", "json"], check=True, capture_output=True)
    return json.loads(out.stdout)["models"][0]


def follow(advice, setting, model):
    """The passes and hidden units that are advised, and how the table calls that."""
    passes, hidden = setting[2:4]
    if advice == "longer":
        return 2 * passes, hidden, "twice as long"
    if advice == "shorter":
        return max(1, round(model["passes"])), hidden, f"{max(1, round(model['passes']))} passes"
    raise ValueError(advice)


def main():
    os.chdir(sys.argv[1])
    sets = sys.argv[2:] or sorted(SETTINGS)
    right = {}
    print("| | text, characters | training | kept at | loss, of another seed | advice | then | right |")
    print("|---|---|---|---|---|---|---|---|")
    for name in sets:
        for i, setting in enumerate(SETTINGS[name]):
            text_, size, passes, hidden, flags = setting
            tag = f"{name}{i:02d}-"
            loss = train(tag + "basep", setting, passes, hidden)
            model = verdict(tag + "basep")
            length = f"{passes} passes" if passes > 1 else "1 pass" if passes == 1 else f"{-passes} steps"
            flags = flags.replace(PLAIN, "no dropout").replace("--", "").strip()
            row = (f"| {name} | {text_}, {size // 1000} k | {', '.join(x for x in (length, f'{hidden} units', flags) if x)} "
                   f"| {100 * model['kept']:.0f} % | {loss:.3f}")
            advice = model.get("advice", [None])[0]
            if advice is None:
                print(row + " | none | | |", flush=True)
                continue
            seed = train(tag + "seed", setting, passes, hidden, seed=2)
            passes, hidden, how = follow(advice, setting, model)
            changed = train(tag + {"longer": "epochs2", "shorter": "passes"}[advice], setting, passes, hidden)
            good = changed < min(loss, seed)
            right.setdefault((advice, name), []).append(good)
            print(row + f", {seed:.3f} | {advice} | {changed:.3f} ({how}) | {'yes' if good else 'no'} |", flush=True)
    for (advice, name), all_ in sorted(right.items()):
        print(f"\n{name}: {advice} was right {sum(all_)} of {len(all_)} times", end="")
    print()


if __name__ == "__main__":
    main()
