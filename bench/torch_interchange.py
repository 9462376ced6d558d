"""A model file in PyTorch, and a model of PyTorch's in a file: that load_state_dict takes the tensors as they are, and that
both sides compute the same logits.

    torch_interchange.py logits MODEL SYMBOL...           the logits that PyTorch computes, as JSON
    torch_interchange.py make CELL HIDDEN LAYERS OUT      a model file of torch.nn's random weights over the symbols a b c d

A file that was made keeps PyTorch's own logits in its metadata, where the tests of package model find them. It needs
PyTorch alone. Elman holds the recurrence's bias of rnn and lstm at zero, since only the sum of both counts: of those cells
a file has the sum in bias_ih.
"""
import json
import struct
import sys

import torch

cells = {"elman": torch.nn.RNN, "lstm": torch.nn.LSTM, "gru": torch.nn.GRU}


def build(network):
    kind = {"nonlinearity": network["activation"]} if network["cell"] == "elman" else {}
    V, H = network["symbols"], network["hidden"]
    return torch.nn.ModuleDict({"rnn": cells[network["cell"]](V, H, network["layers"], **kind), "decoder": torch.nn.Linear(H, V)})


def load(path):
    with open(path, "rb") as f:
        header = json.loads(f.read(struct.unpack("<Q", f.read(8))[0]))
        data = f.read()
    elman = json.loads(header.pop("__metadata__")["elman"])
    tensors = {}
    for name, t in header.items():
        if name.startswith("alphabet."):
            continue
        lo, hi = t["data_offsets"]
        tensors[name] = torch.frombuffer(bytearray(data[lo:hi]), dtype=torch.float32).view(t["shape"])
    net = build(elman["network"])
    net.load_state_dict(tensors)  # which checks every name and shape
    return net


def logits(net, symbols):
    with torch.no_grad():
        hidden, _ = net["rnn"](torch.eye(net["decoder"].out_features)[torch.tensor(symbols)].unsqueeze(1))
        return net["decoder"](hidden).squeeze(1).tolist()


def make(cell, hidden, layers, path):
    torch.manual_seed(1)
    letters = "abcd"
    network = {"cell": cell, "symbols": len(letters), "hidden": hidden, "layers": layers}
    if cell == "elman":
        network["activation"] = "tanh"
    net = build(network)
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


if sys.argv[1] == "logits":
    print(json.dumps(logits(load(sys.argv[2]), [int(s) for s in sys.argv[3:]])))
else:
    make(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), sys.argv[5])
