"""One layer at a time, forward and backward, by PyTorch in eager mode, for test/bench/layers.ts."""
import time as clock

import torch
import torch.nn.functional as F

import protocol

setting = {}


def prepare(**options):
    setting.update(options)
    return protocol.versions()


def tensor(shape, channels_last=True):
    """Random values in the way of models that were moved to the type; leaves of the graph."""
    dtype = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}[setting["precision"]]
    values = torch.randn(shape).to(device=setting["device"], dtype=dtype)
    if len(shape) == 4 and channels_last:
        values = values.contiguous(memory_format=torch.channels_last)
    return values.detach().requires_grad_()


def images(shape):
    return tensor([setting["batch"], *shape[-1:], *shape[:-1]])


def conv(layer, x):
    (kh, kw), strides, padding = (layer["attributes"][key] for key in ("kernel", "strides", "padding"))
    weight = tensor([layer["output"][-1], layer["input"][-1], kh, kw])
    top, bottom, left, right = padding
    assert top == bottom and left == right
    return [weight], lambda: F.conv2d(x, weight, None, strides, (top, left))


def batch_norm(layer, x):
    channels = layer["output"][-1]
    dtype, device = x.dtype, x.device
    gamma, beta = tensor([channels]), tensor([channels])
    mean, variance = torch.zeros(channels, dtype=dtype, device=device), torch.ones(channels, dtype=dtype, device=device)
    addend = images(layer["output"]) if layer["attributes"].get("addend") else None

    def run():
        y = F.batch_norm(x, mean, variance, gamma, beta, True, 0.1, 1e-5)
        if addend is not None:
            y = y + addend
        return F.relu(y, inplace=True) if layer["attributes"].get("relu") else y

    return [gamma, beta] + ([] if addend is None else [addend]), run


def max_pool(layer, x):
    kernel, strides, padding = (layer["attributes"][key] for key in ("kernel", "strides", "padding"))
    return [], lambda: F.max_pool2d(x, kernel, strides, (padding[0], padding[2]))


def global_avg_pool(_layer, x):
    return [], lambda: F.adaptive_avg_pool2d(x, 1).flatten(1)


def dense(layer, x):
    weight, bias = tensor([layer["output"][0], layer["input"][0]]), tensor([layer["output"][0]])
    return [weight, bias], lambda: F.linear(x, weight, bias)


def median_ms(run, budget_ms):
    run()
    protocol.synchronise(setting["device"])
    times, end = [], clock.perf_counter() + budget_ms / 1000
    while len(times) < 3 or clock.perf_counter() < end:
        began = clock.perf_counter()
        run()
        protocol.synchronise(setting["device"])
        times.append(clock.perf_counter() - began)
    return sorted(times)[len(times) // 2] * 1000


def time(layer, budgetMs):
    x = images(layer["input"])
    if not layer["isInner"]:
        x = x.detach()
    parameters, run = globals()[layer["op"]](layer, x)
    y = run()
    dy = torch.randn_like(y)
    leaves = parameters + ([x] if layer["isInner"] else [])
    backward = lambda: torch.autograd.grad(y, leaves, dy, retain_graph=True)
    # With a graph to keep, as training has it.
    return {"forwardMs": median_ms(run, budgetMs), "backwardMs": median_ms(backward, budgetMs)}


protocol.serve({"prepare": prepare, "time": time})
