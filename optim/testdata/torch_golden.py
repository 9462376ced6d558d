#!/usr/bin/env python3
"""Writes torch.json: what PyTorch's optimizers make of the same gradients. Run it from this folder.

The gradient of weight i at training step t is ((37 t + 101 i) mod 257 - 128) / 64, a number that every float32 holds.
The weights begin at (i - 4) / 4. Adagrad's epsilon stands outside the root in PyTorch and inside here, so it is too small
to matter.
"""

import json

import torch

N, STEPS = 9, (1, 2, 10, 300)

CASES = [
    # name, optimizer, its arguments, the settings of this project
    ("sgd", torch.optim.SGD, dict(lr=0.1), dict(optimizer="sgd", lr=0.1)),
    ("sgd with momentum", torch.optim.SGD, dict(lr=0.1, momentum=0.9), dict(optimizer="sgd", lr=0.1, momentum=0.9)),
    ("nesterov", torch.optim.SGD, dict(lr=0.1, momentum=0.9, nesterov=True), dict(optimizer="nesterov", lr=0.1)),
    ("adagrad", torch.optim.Adagrad, dict(lr=0.1, eps=1e-30), dict(optimizer="adagrad", lr=0.1, epsilon=1e-30)),
    ("rmsprop", torch.optim.RMSprop, dict(lr=0.01), dict(optimizer="rmsprop", lr=0.01)),
    ("rmsprop with momentum", torch.optim.RMSprop, dict(lr=0.01, momentum=0.9, alpha=0.95),
     dict(optimizer="rmsprop", lr=0.01, momentum=0.9, alpha=0.95)),
    ("adam", torch.optim.Adam, dict(lr=0.002), dict(optimizer="adam", lr=0.002)),
    ("adam with other betas", torch.optim.Adam, dict(lr=0.01, betas=(0.5, 0.98), eps=1e-3),
     dict(optimizer="adam", lr=0.01, beta1=0.5, beta2=0.98, epsilon=1e-3)),
    ("adamw", torch.optim.AdamW, dict(lr=0.002, weight_decay=0.1), dict(optimizer="adamw", lr=0.002, weight_decay=0.1)),
    ("adamw by default", torch.optim.AdamW, dict(lr=0.002), dict(optimizer="adamw", lr=0.002)),
]


def run(optimizer, arguments):
    w = torch.tensor([(i - 4) / 4 for i in range(N)], requires_grad=True)
    rule = optimizer([w], **arguments)
    weights = {}
    for t in range(1, max(STEPS) + 1):
        w.grad = torch.tensor([((37 * t + 101 * i) % 257 - 128) / 64 for i in range(N)])
        rule.step()
        if t in STEPS:
            weights[t] = w.tolist()
    return weights


def main():
    cases = [dict(name=n, settings=s, weights=run(o, a)) for n, o, a, s in CASES]
    with open("torch.json", "w") as f:
        rows = ",\n".join(json.dumps(c) for c in cases)
        f.write('{"torch": %s, "cases": [\n%s\n]}\n' % (json.dumps(torch.__version__), rows))


if __name__ == "__main__":
    main()
