"""Reads a safetensors file of float32 tensors: what ours writes and PyTorch's side of a comparison starts from."""
import json
import struct

import torch


def read(path):
    """Returns the tensors of a file by name."""
    with open(path, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(length))
        data = bytearray(file.read())
    header.pop("__metadata__", None)
    tensors = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        flat = torch.frombuffer(data, dtype=torch.float32, count=(end - begin) // 4, offset=begin)
        tensors[name] = flat.reshape(entry["shape"]).clone()
    return tensors


def load(model, path):
    """Gives a model the weights of a file; what the file lacks (running statistics) stays as it is."""
    tensors = read(path)
    missing = [name for name, _ in model.named_parameters() if name not in tensors]
    if missing:
        raise SystemExit(f"{path} lacks {', '.join(missing)}")
    model.load_state_dict(tensors, strict=False)
