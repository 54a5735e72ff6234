"""ResNet-20 on CIFAR-10 by PyTorch alone: cifar.py FOLDER WEIGHTS SEED EPOCHS MILESTONES THREADS.

FOLDER holds train/ and test/ with one folder per class. WEIGHTS is a safetensors file of the first weights, so that both sides
start alike; order and augmentation are drawn here, from the same recipe. Prints one line of JSON per epoch.
"""
import json
import os
import sys
import time

import numpy
import torch
import torch.nn.functional as F
from PIL import Image

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "bench", "peers"))
import weights  # noqa: E402

MEAN = torch.tensor([0.4914, 0.4822, 0.4465]).reshape(3, 1, 1)
STD = torch.tensor([0.247, 0.2435, 0.2616]).reshape(3, 1, 1)
BATCH = 128


class Block(torch.nn.Module):
    def __init__(self, had, planes, stride):
        super().__init__()
        self.conv1 = torch.nn.Conv2d(had, planes, 3, stride, 1, bias=False)
        self.bn1 = torch.nn.BatchNorm2d(planes)
        self.conv2 = torch.nn.Conv2d(planes, planes, 3, 1, 1, bias=False)
        self.bn2 = torch.nn.BatchNorm2d(planes)
        self.stride, self.added = stride, planes - had

    def forward(self, x):
        y = F.relu(self.bn1(self.conv1(x)))
        y = self.bn2(self.conv2(y))
        if self.stride > 1:
            x = x[:, :, :: self.stride, :: self.stride]
        return F.relu(y + F.pad(x, (0, 0, 0, 0, 0, self.added)))


class ResNet20(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = torch.nn.Conv2d(3, 16, 3, 1, 1, bias=False)
        self.bn1 = torch.nn.BatchNorm2d(16)
        stage = lambda had, planes, stride: torch.nn.Sequential(
            Block(had, planes, stride), Block(planes, planes, 1), Block(planes, planes, 1)
        )
        self.layer1, self.layer2, self.layer3 = stage(16, 16, 1), stage(16, 32, 2), stage(32, 64, 2)
        self.fc = torch.nn.Linear(64, 10)

    def forward(self, x):
        x = F.relu(self.bn1(self.conv1(x)))
        x = self.layer3(self.layer2(self.layer1(x)))
        return self.fc(x.mean((2, 3)))


def images_of(folder):
    """All images [N,3,32,32] as bytes, and their classes."""
    pixels, labels = [], []
    for label, name in enumerate(sorted(os.listdir(folder))):
        for file in sorted(os.listdir(os.path.join(folder, name))):
            with Image.open(os.path.join(folder, name, file)) as image:
                pixels.append(numpy.asarray(image.convert("RGB")).transpose(2, 0, 1))
            labels.append(label)
    return torch.from_numpy(numpy.stack(pixels)), torch.tensor(labels)


def normalised(pixels):
    images = (pixels.float() / 255 - MEAN) / STD
    return images.contiguous(memory_format=torch.channels_last)


def augmented(pixels, generator):
    """A random 32 × 32 window of each image in a black border of 4 pixels, mirrored every other time."""
    padded = F.pad(pixels, (4, 4, 4, 4))
    places = torch.randint(0, 9, (len(pixels), 2), generator=generator).tolist()
    flips = (torch.rand(len(pixels), generator=generator) < 0.5).tolist()
    out = torch.empty_like(pixels)
    for i, ((y, x), flip) in enumerate(zip(places, flips)):
        crop = padded[i, :, y : y + 32, x : x + 32]
        out[i] = crop.flip(2) if flip else crop
    return out


def evaluate(model, pixels, labels):
    model.eval()
    right, loss = 0, 0.0
    with torch.no_grad():
        for at in range(0, len(labels), 256):
            logits = model(normalised(pixels[at : at + 256]))
            target = labels[at : at + 256]
            right += (logits.argmax(1) == target).sum().item()
            loss += F.cross_entropy(logits, target, reduction="sum").item()
    model.train()
    return right / len(labels), loss / len(labels)


def main():
    folder, first, seed, epochs, milestones, threads = sys.argv[1:7]
    torch.set_num_threads(int(threads))
    generator = torch.Generator().manual_seed(int(seed))
    train, train_labels = images_of(os.path.join(folder, "train"))
    test, test_labels = images_of(os.path.join(folder, "test"))
    model = ResNet20().to(memory_format=torch.channels_last)
    weights.load(model, first)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, weight_decay=1e-4)
    steps = [int(each) for each in milestones.split(",")]
    scheduler = torch.optim.lr_scheduler.MultiStepLR(optimizer, steps, 0.1)
    for epoch in range(int(epochs)):
        began, losses = time.time(), []
        order = torch.randperm(len(train), generator=generator)
        for at in range(0, len(order) - BATCH + 1, BATCH):
            chosen = order[at : at + BATCH]
            logits = model(normalised(augmented(train[chosen], generator)))
            loss = F.cross_entropy(logits, train_labels[chosen])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(round(loss.item(), 5))
        scheduler.step()
        top1, test_loss = evaluate(model, test, test_labels)
        line = {"epoch": epoch + 1, "top1": top1, "testLoss": test_loss, "losses": losses}
        print(json.dumps({**line, "seconds": round(time.time() - began)}), flush=True)


main()
