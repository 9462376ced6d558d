"""The same networks in PyTorch, as its users write them, choosing what was fastest: the rows of an identity matrix as
one-hot inputs (the network Elman trains; an embedding of H columns in front of nn.RNN costs another product), gradients set
to None, Adagrad's default loop (its foreach variant was slower).

nn.RNN knows no sigmoid. Where Elman computes one, tanh stands in for it, in PyTorch's favour: the alternative is a cell
in Python, with a call for each operation. The losses of the two cannot be compared.
"""
import rounds

try:
    import torch
except ImportError:
    rounds.missing()

settings = rounds.settings
torch.set_num_threads(rounds.job["threads"])
torch.manual_seed(1)

text, V = rounds.symbols()
H, T, B = settings["network"]["hidden"], settings["window"], settings["batch"]
rnn, decoder = torch.nn.RNN(V, H), torch.nn.Linear(H, V)
weights = [*rnn.parameters(), *decoder.parameters()]
optimizer = torch.optim.Adagrad(weights, lr=settings["optimizer"]["lr"], eps=1e-8)
criterion = torch.nn.CrossEntropyLoss(reduction="sum" if settings.get("sum") else "mean")
scale, clip = settings["init"].get("normal"), settings.get("clip_value")
if scale:
    for w in weights:
        torch.nn.init.normal_(w, std=scale) if w.dim() > 1 else torch.nn.init.zeros_(w)

L = (len(text) - 1) // B
one_hot = torch.eye(V)
x = torch.tensor(text[:L * B]).view(B, L).t().contiguous()
y = torch.tensor(text[1:L * B + 1]).view(B, L).t().contiguous()
at, state = 0, None


def step():
    global at, state
    if at + T > L:
        at, state = 0, None
    hidden, state = rnn(one_hot[x[at:at + T]], state)
    state = state.detach()
    loss = criterion(decoder(hidden).view(T * B, V), y[at:at + T].view(T * B))
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    if clip:
        torch.nn.utils.clip_grad_value_(weights, clip)
    optimizer.step()
    at += T
    return T * B, loss.item() * (1 if settings.get("sum") else T * B)


blas = "MKL" if torch.backends.mkl.is_available() else rounds.blas()
rounds.serve("PyTorch %s, %s" % (torch.__version__, blas), step)
