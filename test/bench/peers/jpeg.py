"""PyTorch's side of jpeg.ts: torchvision's usual training transforms on Pillow images, in one thread."""
import time

import torch
import torchvision.transforms as T
from PIL import Image

from protocol import serve

torch.set_num_threads(1)
files = []
transform = T.Compose([T.RandomResizedCrop(224), T.RandomHorizontalFlip(), T.PILToTensor()])


def prepare(paths):
    files[:] = paths


def run(seed):
    """Milliseconds for all files once."""
    torch.manual_seed(seed)
    began = time.perf_counter()
    for path in files:
        with open(path, "rb") as file:
            transform(Image.open(file).convert("RGB"))
    return (time.perf_counter() - began) * 1000


serve({"prepare": prepare, "pass": run})
