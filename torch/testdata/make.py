"""Writes the checkpoints of this folder as people write them, and golden.json with the logits that PyTorch computes with each.

    python3 make.py        needs PyTorch alone; written by 1.13
"""
import collections
import json
import struct

import torch
from torch import nn

CHARS = "lo\nhe wrd!"  # in no order
V, E, H = len(CHARS), 5, 6
IDS = [3, 4, 0, 0, 1, 5, 6, 1, 7, 0, 8, 9, 2, 3]
golden = {}


class CharRNN(nn.Module):
    def __init__(self, rnn, embed=True, bias=True, tie=False):
        super().__init__()
        if embed:
            self.encoder = nn.Embedding(V, rnn.input_size)
        self.rnn = rnn
        self.drop = nn.Dropout(0.3)
        self.decoder = nn.Linear(rnn.hidden_size, V, bias=bias)
        if tie:
            self.decoder.weight = self.encoder.weight

    def forward(self, ids):
        ids = torch.tensor(ids).unsqueeze(0 if self.rnn.batch_first else 1)
        x = self.encoder(ids) if hasattr(self, "encoder") else nn.functional.one_hot(ids, V).type(self.decoder.weight.dtype)
        y, _ = self.rnn(x)
        return self.decoder(self.drop(y)).reshape(len(IDS), V)


class Cells(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(V, E)
        self.cells = nn.ModuleList([nn.LSTMCell(E, H), nn.LSTMCell(H, H)])
        self.out = nn.Linear(H, V)

    def forward(self, ids):
        states, rows = [None] * 2, []
        for i in ids:
            x = self.emb(torch.tensor([i]))
            for l, cell in enumerate(self.cells):
                states[l] = cell(x, states[l])
                x = states[l][0]
            rows.append(self.out(x))
        return torch.cat(rows)


class Two(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm1, self.lstm2 = nn.LSTM(V, H), nn.LSTM(H, H)
        self.fc = nn.Linear(H, V)

    def forward(self, ids):
        x = nn.functional.one_hot(torch.tensor(ids), V).float().unsqueeze(1)
        return self.fc(self.lstm2(self.lstm1(x)[0])[0]).squeeze(1)


class Normed(CharRNN):
    def __init__(self):
        super().__init__(nn.GRU(E, H))
        self.norm = nn.LayerNorm(H)


def net(*args, **kinds):
    module = CharRNN(*args, **kinds).eval()
    with torch.no_grad():
        for p in module.parameters():
            p.mul_(2)  # so that gates do something
    return module


def keep(name, module):
    with torch.no_grad():
        golden[name] = {"ids": IDS, "logits": [float("%.8g" % x) for x in module.float()(IDS).flatten().tolist()]}


def safetensors(path, tensors, metadata):
    header, data = {"__metadata__": metadata}, b""
    for name, t in sorted(tensors.items()):
        t = t.contiguous()
        raw = bytes(t.view(torch.int16 if t.element_size() == 2 else torch.int32).numpy().tobytes())
        kind = {torch.float32: "F32", torch.float16: "F16", torch.bfloat16: "BF16"}[t.dtype]
        header[name] = {"dtype": kind, "shape": list(t.shape), "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text + data)


torch.manual_seed(1)

# A state_dict, batch first, two layers, dropout.
m = net(nn.LSTM(E, H, 2, batch_first=True, dropout=0.5))
torch.save(m.state_dict(), "lstm.pt")
keep("lstm.pt", m)

# A checkpoint to train on from, of a network on several GPUs: weights are called module., an optimizer lies beside them, and the
# characters. The weights of a layer lie in one storage, as cuDNN wants them.
m = net(nn.GRU(E, H, 2))
flat = torch.cat([p.data.flatten() for p in m.rnn.parameters()])
at = 0
for p in m.rnn.parameters():
    p.data, at = flat[at:at + p.numel()].view(p.shape), at + p.numel()
parallel = nn.DataParallel(m)
optimizer = torch.optim.Adam(parallel.parameters())
parallel.module(IDS).sum().backward()
optimizer.step()
torch.save({"epoch": 3, "model_state_dict": parallel.state_dict(), "optimizer_state_dict": optimizer.state_dict(), "loss": torch.tensor(1.5),
            "chars": CHARS, "args": {"hidden": H, "lr": 1e-3}}, "gru-checkpoint.pt")
keep("gru-checkpoint.pt", m)

# One-hot inputs, hyper-parameters, and the characters as a tuple.
m = net(nn.LSTM(V, H, batch_first=True), embed=False)
torch.save({"n_hidden": H, "n_layers": 1, "state_dict": m.state_dict(), "tokens": tuple(CHARS)}, "onehot.pt")
keep("onehot.pt", m)

# relu, in safetensors, with a vocabulary in the metadata.
m = net(nn.RNN(E, H, nonlinearity="relu"))
safetensors("rnn-relu.safetensors", m.state_dict(), {"format": "pt", "stoi": json.dumps({c: i for i, c in enumerate(CHARS)})})
keep("rnn-relu.safetensors", m)

# Tied weights: in safetensors once, in torch.save twice.
m = net(nn.GRU(H, H), tie=True)
safetensors("tied.safetensors", {k: v for k, v in m.state_dict().items() if k != "decoder.weight"}, {"format": "pt"})
keep("tied.safetensors", m)
torch.save({"model": m.state_dict(), "vocab": {"stoi": {c: i for i, c in enumerate(CHARS)}, "itos": dict(enumerate(CHARS))}}, "tied.pt")
keep("tied.pt", m)

# Sixteen bits, of both kinds; sixty-four, without biases, with a later protocol.
m = net(nn.LSTM(E, H)).half()
torch.save(m.state_dict(), "half.pt")
keep("half.pt", m)
m = net(nn.GRU(E, H)).bfloat16()
safetensors("bf16.safetensors", m.state_dict(), {})
keep("bf16.safetensors", m)
m = net(nn.RNN(E, H, bias=False), bias=False).double()
torch.save(m.state_dict(), "double.pt", pickle_protocol=4)
keep("double.pt", m)

# Names of their own, and shapes that leave a choice.
m = net(nn.LSTM(H, H), bias=False)
names = {"encoder": "a", "rnn": "net.b", "decoder": "c"}
torch.save(collections.OrderedDict((names[k.split(".")[0]] + k[k.index("."):], v) for k, v in m.state_dict().items()), "names.pt")
keep("names.pt", m)

# Cells; modules after each other; modules that were saved apart, one with the transpose of its weights; a whole module.
m = Cells()
torch.save({"state": m.state_dict(), "itos": list(CHARS)}, "cells.pt")
keep("cells.pt", m)
m = Two()
torch.save(m.state_dict(), "two.pt")
keep("two.pt", m)
m = net(nn.GRU(E, H, 2))
m.decoder.weight.data = m.decoder.weight.data.t().contiguous().t()
torch.save({"encoder": m.encoder.state_dict(), "gru": m.rnn.state_dict(), "decoder": m.decoder.state_dict(), "steps": 7}, "apart.pt")
keep("apart.pt", m)
m = net(nn.RNN(E, H, nonlinearity="relu"))
m.chars = CHARS
torch.save(m, "whole.pt")
keep("whole.pt", m)

# What Elman lacks.
torch.save(CharRNN(nn.LSTM(E, H, bidirectional=True)).state_dict(), "bidirectional.pt")
torch.save(CharRNN(nn.LSTM(E, H, proj_size=3)).state_dict(), "projected.pt")
torch.save(Normed().state_dict(), "normed.pt")
torch.save(nn.TransformerEncoderLayer(4, 1, 4).state_dict(), "transformer.pt")
torch.save(m.state_dict(), "legacy.pt", _use_new_zipfile_serialization=False)
torch.jit.save(torch.jit.script(nn.Linear(2, 2)), "script.pt")

with open("golden.json", "w") as f:
    json.dump({"chars": CHARS, "logits": golden}, f, separators=(",", ":"))
    f.write("\n")
