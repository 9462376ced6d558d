"""The same networks in PyTorch, as its users write them, choosing what was fastest: the rows of an identity matrix as
one-hot inputs, gradients set to None, the optimizers' default loops. That is the network Elman trains too. As inputs of an
LSTM of 512 units, functional.one_hot took as long, and an embedding of H columns 1.37 times (of an RNN of 128, 1.2 times):
its product is H wide, not V. The foreach variant of Adagrad was slower.

nn.RNN knows no sigmoid. Where Elman computes one, tanh stands in for it, in PyTorch's favour: the alternative is a cell
in Python, with a call for each operation. The losses of the two cannot be compared.
"""
import re

import rounds

try:
    import torch
except ImportError:
    rounds.missing()

job, settings = rounds.job, rounds.settings
torch.set_num_threads(job["threads"])
torch.manual_seed(1)

training, held_out, V = rounds.symbols()
network, T, B = settings["network"], settings["window"], settings["batch"]
cell = {"elman": torch.nn.RNN, "lstm": torch.nn.LSTM, "gru": torch.nn.GRU}[network["cell"] or "elman"]
rnn, decoder = cell(V, network["hidden"], network["layers"] or 1), torch.nn.Linear(network["hidden"], V)
weights = [*rnn.parameters(), *decoder.parameters()]
rule = settings["optimizer"]
optimizer = {
    "adam": lambda: torch.optim.Adam(weights, lr=rule["lr"], eps=1e-8),
    "adagrad": lambda: torch.optim.Adagrad(weights, lr=rule["lr"], eps=1e-8),
}[rule["optimizer"]]()
criterion = torch.nn.CrossEntropyLoss(reduction="sum" if settings.get("sum") else "mean")
scale, clip_value, clip_norm = settings["init"].get("normal"), settings.get("clip_value"), settings.get("clip_norm")
if scale:
    for w in weights:
        torch.nn.init.normal_(w, std=scale) if w.dim() > 1 else torch.nn.init.zeros_(w)


def streams(text, B):
    """Returns the inputs and targets of B stretches of the text side by side, time first."""
    L = (len(text) - 1) // B
    side_by_side = lambda text: torch.tensor(text).view(B, L).t().contiguous()
    return side_by_side(text[:L * B]), side_by_side(text[1:L * B + 1])


def detached(state):
    return tuple(s.detach() for s in state) if isinstance(state, tuple) else state.detach()


one_hot = torch.eye(V)
x, y = streams(training, B)
at, state = 0, None


def step():
    global at, state
    if at + T > len(x):
        at, state = 0, None
    hidden, state = rnn(one_hot[x[at:at + T]], state)
    state = detached(state)
    loss = criterion(decoder(hidden).view(T * B, V), y[at:at + T].view(T * B))
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    if clip_value:
        torch.nn.utils.clip_grad_value_(weights, clip_value)
    if clip_norm:
        torch.nn.utils.clip_grad_norm_(weights, clip_norm)
    optimizer.step()
    at += T
    return T * B, loss.item() * (1 if settings.get("sum") else T * B)


def validate():
    """Returns the mean loss on the text held out, in streams that carry their state from its start to its end."""
    v = job["valid"]
    x, y = streams(held_out, v["streams"])
    L, window = min(len(x), v["chars"] // v["streams"]), 100
    total, state = 0.0, None
    with torch.no_grad():
        for at in range(0, L, window):
            end = min(at + window, L)
            hidden, state = rnn(one_hot[x[at:end]], state)
            total += torch.nn.functional.cross_entropy(decoder(hidden).view(-1, V), y[at:end].view(-1), reduction="sum").item()
    return total / (L * v["streams"])


blas = "MKL" if torch.backends.mkl.is_available() else rounds.blas()
vectors = re.search(r"CPU capability usage: (.*)", torch.__config__.show())
vectors = vectors.group(1) if vectors else "unknown instructions"
rounds.serve("PyTorch %s, %s, %s" % (torch.__version__, vectors, blas), step, validate)
