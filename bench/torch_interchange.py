"""A model file in PyTorch, and a model of PyTorch's in a file: that load_state_dict takes the tensors as they are, and that
both sides compute the same logits.

    torch_interchange.py logits MODEL SYMBOL...           the logits that PyTorch computes of symbol numbers, as JSON
    torch_interchange.py save MODEL OUT.pt                the state_dict with the symbols, which elman import takes
    torch_interchange.py write MODEL PROMPT LENGTH        the likeliest text after a prompt
    torch_interchange.py make CELL HIDDEN LAYERS OUT      a model file of torch.nn's random weights over the symbols a b c d

A file that was made keeps PyTorch's own logits in its metadata, where the tests of package model find them. It needs
PyTorch alone. Elman holds the recurrence's bias of rnn and lstm at zero, since only the sum of both counts: of those cells
a file has the sum in bias_ih.
"""
import json
import math
import struct
import sys

import torch

cells = {"elman": torch.nn.RNN, "lstm": torch.nn.LSTM, "gru": torch.nn.GRU}


class Network(torch.nn.Module):
    """A plain stack of Elman's, with the names of its file."""

    def __init__(self, network):
        super().__init__()
        lacks = [k for k in ("block", "codes", "conv", "learn_initial", "layer_norm", "precision") if network.get(k)]
        if lacks or network["cell"] not in cells:
            raise SystemExit("PyTorch has no module for %s" % ", ".join(lacks or [network["cell"]]))
        V, H = network["symbols"], network["hidden"]
        E = network.get("embedding", 0)
        kind = {"nonlinearity": network["activation"]} if network["cell"] == "elman" else {}
        if E:
            self.embedding = torch.nn.Embedding(V, E)
        self.rnn = cells[network["cell"]](E or V, H, network.get("layers", 1), **kind)
        self.decoder = torch.nn.Linear(H, V)
        if network.get("tie"):
            self.decoder.weight = self.embedding.weight

    def forward(self, symbols, state=None):  # [time, batch]
        x = self.embedding(symbols) if hasattr(self, "embedding") else torch.nn.functional.one_hot(symbols, self.decoder.out_features).float()
        y, state = self.rnn(x, state)
        return self.decoder(y), state


types = {"F32": torch.float32, "BF16": torch.bfloat16, "U8": torch.uint8, "I32": torch.int32}


def load(path):
    """The network and the symbols of a model file. (safetensors.safe_open reads the same.)"""
    with open(path, "rb") as f:
        header = json.loads(f.read(struct.unpack("<Q", f.read(8))[0]))
        data = bytearray(f.read())
    elman = json.loads(header.pop("__metadata__")["elman"])
    tensors = {name: torch.frombuffer(data, dtype=types[t["dtype"]], count=math.prod(t["shape"]), offset=t["data_offsets"][0]).view(t["shape"])
               for name, t in header.items()}
    text = bytes(tensors.pop("alphabet.symbols").tolist())
    symbols = []
    for length in tensors.pop("alphabet.lengths").tolist():
        symbols.append(text[:length].decode("latin1" if elman["alphabet"]["kind"] == "bytes" else "utf-8"))
        text = text[length:]
    if elman["alphabet"].get("open"):
        symbols.append("<unk>")  # the escape
    net = Network(elman["network"])
    if elman["network"].get("tie"):
        tensors["decoder.weight"] = tensors["embedding.weight"]
    net.load_state_dict(tensors)  # which checks every name and shape
    return net.eval(), symbols


def logits(net, symbols):
    with torch.no_grad():
        return net(torch.tensor(symbols).unsqueeze(1))[0].squeeze(1).tolist()


def write(net, symbols, prompt, length):
    ids, state, text = [symbols.index(c) for c in prompt], None, prompt
    with torch.no_grad():
        for _ in range(length):
            out, state = net(torch.tensor(ids).unsqueeze(1), state)
            ids = [int(out[-1, 0].argmax())]
            text += symbols[ids[0]]
    return text


def make(cell, hidden, layers, path):
    torch.manual_seed(1)
    letters = "abcd"
    network = {"cell": cell, "symbols": len(letters), "hidden": hidden, "layers": layers}
    if cell == "elman":
        network["activation"] = "tanh"
    net = Network(network)
    symbols = [0, 1, 2, 3, 1, 0, 0, 2, 3, 3]
    golden = {"symbols": symbols, "logits": logits(net, symbols)}
    tensors = net.state_dict()
    if cell != "gru":
        for name in [n for n in tensors if "bias_hh" in n]:
            tensors[name.replace("_hh", "_ih")] += tensors[name]
            tensors[name].zero_()
    elman = {"format": 1, "network": network, "alphabet": {"kind": "chars", "symbols": list(letters)}, "summary": {}}
    header, data = {"__metadata__": {"elman": json.dumps(elman), "pytorch": json.dumps(golden)}}, b""
    for name, t in tensors.items():
        raw = struct.pack("<%df" % t.numel(), *t.flatten().tolist())
        header[name] = {"dtype": "F32", "shape": list(t.shape), "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text + data)


if __name__ == "__main__":
    if sys.argv[1] == "logits":
        print(json.dumps(logits(load(sys.argv[2])[0], [int(s) for s in sys.argv[3:]])))
    elif sys.argv[1] == "save":
        net, symbols = load(sys.argv[2])
        torch.save({"state_dict": net.state_dict(), "symbols": symbols}, sys.argv[3])
    elif sys.argv[1] == "write":
        print(write(*load(sys.argv[2]), sys.argv[3], int(sys.argv[4])))
    else:
        make(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), sys.argv[5])
