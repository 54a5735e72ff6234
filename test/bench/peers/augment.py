"""PyTorch's side of augment.ts: torchvision's automatic augmentation on Pillow images, in one thread."""
import time

import numpy as np
import torch
import torchvision.transforms as T
from PIL import Image
from torchvision.transforms import autoaugment as aa
from torchvision.transforms.functional import InterpolationMode

from protocol import serve

torch.set_num_threads(1)
side, count = 224, 100
at = np.arange(side * side * 3, dtype=np.int64)
image = Image.fromarray((((at * at * 7 + at * 13) >> 5) % 256).astype(np.uint8).reshape(side, side, 3))
entries = {
    "trivial-augment": T.TrivialAugmentWide(),
    "rand-augment": T.RandAugment(),
    "auto-augment": T.AutoAugment(),
    "color-jitter": T.ColorJitter(0.4, 0.4, 0.4),
}
names = {
    "shear-x": "ShearX", "translate-x": "TranslateX", "rotate": "Rotate", "brightness": "Brightness", "colour": "Color",
    "contrast": "Contrast", "sharpness": "Sharpness", "posterize": "Posterize", "solarize": "Solarize",
    "auto-contrast": "AutoContrast", "equalize": "Equalize", "invert": "Invert",
}
space = T.TrivialAugmentWide()._augmentation_space(31)


def run(name, seed):
    """Milliseconds an image."""
    torch.manual_seed(seed)
    if name in entries:
        apply = lambda _: entries[name](image)
    else:
        operation, _, interpolation = name.partition(" ")
        op = names[operation]
        magnitudes, signed = space.get(op, (torch.tensor(0.0), False))
        magnitude = float(magnitudes[15].item()) if magnitudes.ndim > 0 else 0.0
        mode = InterpolationMode(interpolation or "nearest")
        apply = lambda index: aa._apply_op(image, op, -magnitude if signed and index % 2 == 0 else magnitude, mode, None)
    began = time.perf_counter()
    for index in range(count):
        apply(index)
    return (time.perf_counter() - began) * 1000 / count


serve({"pass": run})
