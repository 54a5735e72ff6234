"""Loads an exported safetensors file strictly into torchvision's network, and prints the logits of images as JSON:
exports.py FOLDER IMAGES, where IMAGES holds float32 [N,3,H,W], normalised."""
import json
import struct
import sys

import numpy as np
import torch
import torchvision

folder, images = sys.argv[1:3]
info = json.load(open(f"{folder}/preprocessing.json"))
raw = open(f"{folder}/model.safetensors", "rb").read()
(length,) = struct.unpack("<Q", raw[:8])
header = json.loads(raw[8 : 8 + length])
header.pop("__metadata__")
types = {"F32": np.float32, "I64": np.int64}
state = {}
for name, entry in header.items():
    begin, end = (8 + length + offset for offset in entry["data_offsets"])
    values = np.frombuffer(raw[begin:end], types[entry["dtype"]]).reshape(entry["shape"])
    state[name] = torch.from_numpy(values.copy())
model = getattr(torchvision.models, info["network"]["name"])(num_classes=len(info["classes"]))
model.load_state_dict(state, strict=True)
model.eval()
size = info["input"]
x = np.fromfile(images, np.float32).reshape(-1, size["channels"], size["height"], size["width"])
with torch.no_grad():
    print(json.dumps(model(torch.from_numpy(x)).flatten().tolist()))
