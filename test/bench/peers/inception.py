"""Inception-v4 for PyTorch, written from figures 3 to 9 of Szegedy et al. 2016, with timm's parameter names."""
import torch
from torch import nn


class Block(nn.Module):
    """Convolution, batch norm, ReLU. `same` keeps height and width."""

    def __init__(self, fed, out, kernel, stride=1, same=False):
        super().__init__()
        kernel = (kernel, kernel) if isinstance(kernel, int) else kernel
        padding = tuple(side // 2 for side in kernel) if same else 0
        self.conv = nn.Conv2d(fed, out, kernel, stride, padding, bias=False)
        self.bn, self.relu = nn.BatchNorm2d(out, eps=1e-3), nn.ReLU(inplace=True)

    def forward(self, x):
        return self.relu(self.bn(self.conv(x)))


def chain(fed, *layers):
    """Blocks (out, kernel, stride) one after the other; stride None is 1 with padding, as most are."""
    made = []
    for out, kernel, *stride in layers:
        made.append(Block(fed, out, kernel, *stride) if stride else Block(fed, out, kernel, same=True))
        fed = out
    return nn.Sequential(*made)


def mean():
    return nn.AvgPool2d(3, 1, 1, count_include_pad=False)


class Parts(nn.Module):
    """Branches side by side; the order of the keywords is the order of the channels."""

    def __init__(self, **branches):
        super().__init__()
        for name, branch in branches.items():
            self.add_module(name, branch)

    def forward(self, x):
        return torch.cat([branch(x) for branch in self.children()], 1)


class C(nn.Module):
    def __init__(self):
        super().__init__()
        block = lambda fed, out, kernel: Block(fed, out, kernel, same=True)
        self.branch0, self.branch1_0 = block(1536, 256, 1), block(1536, 384, 1)
        self.branch1_1a, self.branch1_1b = block(384, 256, (1, 3)), block(384, 256, (3, 1))
        self.branch2_0, self.branch2_1, self.branch2_2 = block(1536, 384, 1), block(384, 448, (3, 1)), block(448, 512, (1, 3))
        self.branch2_3a, self.branch2_3b = block(512, 256, (1, 3)), block(512, 256, (3, 1))
        self.branch3 = nn.Sequential(mean(), block(1536, 256, 1))

    def forward(self, x):
        second, third = self.branch1_0(x), self.branch2_2(self.branch2_1(self.branch2_0(x)))
        wide = [self.branch1_1a(second), self.branch1_1b(second), self.branch2_3a(third), self.branch2_3b(third)]
        return torch.cat([self.branch0(x), *wide, self.branch3(x)], 1)


def a():
    return Parts(
        branch0=Block(384, 96, 1), branch1=chain(384, (64, 1), (96, 3)),
        branch2=chain(384, (64, 1), (96, 3), (96, 3)), branch3=nn.Sequential(mean(), Block(384, 96, 1)),
    )


def b():
    wide, tall = (1, 7), (7, 1)
    return Parts(
        branch0=Block(1024, 384, 1), branch1=chain(1024, (192, 1), (224, wide), (256, tall)),
        branch2=chain(1024, (192, 1), (192, tall), (224, wide), (224, tall), (256, wide)),
        branch3=nn.Sequential(mean(), Block(1024, 128, 1)),
    )


class InceptionV4(nn.Module):
    def __init__(self, classes=1000):
        super().__init__()
        pool = lambda: nn.MaxPool2d(3, 2)
        self.features = nn.Sequential(
            Block(3, 32, 3, 2), Block(32, 32, 3), Block(32, 64, 3, same=True),
            Parts(maxpool=pool(), conv=Block(64, 96, 3, 2)),
            Parts(
                branch0=chain(160, (64, 1), (96, 3, 1)),
                branch1=chain(160, (64, 1), (64, (1, 7)), (64, (7, 1)), (96, 3, 1)),
            ),
            Parts(conv=Block(192, 192, 3, 2), maxpool=pool()),
            *(a() for _ in range(4)),
            Parts(branch0=Block(384, 384, 3, 2), branch1=chain(384, (192, 1), (224, 3), (256, 3, 2)), branch2=pool()),
            *(b() for _ in range(7)),
            Parts(
                branch0=chain(1024, (192, 1), (192, 3, 2)),
                branch1=chain(1024, (256, 1), (256, (1, 7)), (320, (7, 1)), (320, 3, 2)), branch2=pool(),
            ),
            *(C() for _ in range(3)),
        )
        self.last_linear = nn.Linear(1536, classes)

    def forward(self, x):
        return self.last_linear(self.features(x).mean((2, 3)))
