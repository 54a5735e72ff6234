"""The Python end of test/bench/side.ts: one JSON request a line on standard input, one JSON answer a line on standard output."""
import json
import resource
import sys
import traceback

import torch


def serve(handlers):
    """Answers until standard input ends. A request names its handler in `do`."""
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = {"value": handlers[request.pop("do")](**request)}
        except Exception as error:  # told to the other side, which decides
            traceback.print_exc(file=sys.stderr)
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)


def versions():
    cuda = torch.version.cuda or ""
    return {"torch": torch.__version__, "cuda": cuda, "library": torch._C.__file__, "threads": torch.get_num_threads()}


def memory(device="cpu"):
    """Largest resident memory so far, and what the device's allocator held at most."""
    on_device = torch.cuda.max_memory_reserved(device) if device.startswith("cuda") else 0
    return {"peakBytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024, "deviceBytes": on_device}


def synchronise(device):
    if device.startswith("cuda"):
        torch.cuda.synchronize(device)
