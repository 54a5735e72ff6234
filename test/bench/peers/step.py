"""Whole steps of training or inference by PyTorch in eager mode, for test/bench/steps.ts."""
import contextlib
import json
import os
import time

import numpy
import torch

import networks
import protocol
import weights


class Task:
    """A network, its batch and its optimizer, in one of PyTorch's ways to compute."""

    def __init__(self, folder, mode, way, foreach, device):
        with open(os.path.join(folder, "setting.json")) as file:
            setting = json.load(file)
        self.device, self.way, self.mode = device, way, mode
        batch, size = setting["batch"], setting["size"]
        model = networks.named(setting["model"])
        weights.load(model, os.path.join(folder, "weights.safetensors"))
        self.first = {name: value.clone() for name, value in model.named_parameters()}
        pixels = numpy.fromfile(os.path.join(folder, "images.bin"), dtype=numpy.uint8)
        images = torch.from_numpy(pixels).reshape(batch, size, size, 3).permute(0, 3, 1, 2).float() / 255
        mean, std = (torch.tensor(setting[key]).reshape(1, 3, 1, 1) for key in ("mean", "std"))
        labels = torch.from_numpy(numpy.fromfile(os.path.join(folder, "labels.bin"), dtype=numpy.int32)).long()
        # What `model.bfloat16()` gives its users: weights, statistics and images of 16 bits.
        dtype = {"bfloat16": torch.bfloat16, "float16": torch.float16}.get(way, torch.float32)
        self.model = model.to(device=device, dtype=dtype, memory_format=torch.channels_last)
        self.images = ((images - mean) / std).to(device=device, dtype=dtype, memory_format=torch.channels_last)
        self.labels = labels.to(device)
        if mode == "infer":
            self.model.eval()
            self.first = {}
            return
        fused = {} if foreach is None else {"foreach": foreach}
        optimizer = setting["optimizer"]
        self.optimizer = torch.optim.SGD(self.model.parameters(), **optimizer, **fused)

    def computing(self):
        if not self.way.startswith("autocast"):
            return contextlib.nullcontext()
        dtype = torch.float16 if self.way == "autocast-float16" else torch.bfloat16
        return torch.autocast(torch.device(self.device).type, dtype=dtype)

    def train(self):
        with self.computing():
            logits = self.model(self.images)
        loss = torch.nn.functional.cross_entropy(logits.float(), self.labels)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        self.optimizer.step()
        return loss.item()

    def infer(self):
        with torch.inference_mode(), self.computing():
            logits = self.model(self.images)
        self.logits = logits[0].float().tolist()
        return torch.nn.functional.cross_entropy(logits.float(), self.labels).item()


task = None


def prepare(**options):
    global task
    task = None
    torch.backends.cudnn.benchmark = True
    task = Task(**options)
    return protocol.versions()


def step(count):
    """Runs that many steps. Answers the milliseconds of one and the loss of the first, before its update."""
    run = task.train if task.mode == "train" else task.infer
    began = time.perf_counter()
    losses = [run() for _ in range(count)]
    protocol.synchronise(task.device)
    return {"ms": (time.perf_counter() - began) * 1000 / count, "loss": losses[0]}


def unmoved():
    """Names of the parameters that are as they were at first."""
    same = lambda name, value: torch.equal(value.detach().float().cpu(), task.first[name].to(value.dtype).float())
    return [name for name, value in task.model.named_parameters() if same(name, value)]


def logits():
    """Of the batch's first image, from the newest inference."""
    return task.logits


def memory():
    return protocol.memory(task.device)


protocol.serve({"versions": protocol.versions, "prepare": prepare, "step": step, "unmoved": unmoved, "logits": logits, "memory": memory})
