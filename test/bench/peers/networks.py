"""The networks of test/bench/stepSetting.ts for PyTorch, by our names."""
import torch
import torchvision

from inception import InceptionV4


class Gem(torch.nn.Module):
    """Generalised mean with a fixed power."""

    def __init__(self, p=3.0):
        super().__init__()
        self.p = p

    def forward(self, x):
        return x.clamp(min=1e-6).pow(self.p).mean((2, 3), keepdim=True).pow(1 / self.p)


def named(name):
    if name == "inception-v4":
        return InceptionV4()
    if name == "multigrain":
        model = torchvision.models.resnet50()
        model.avgpool = Gem()
        return model
    return getattr(torchvision.models, name)()
