"""What each thing that makes exact drawing faster gains: the program as it is against the program without that one.

    python tests/benchmarks/draw_gains.py SCRATCH [--model instaflow] [--without small_pages,…] [--threads N]
                                          [--size 512] [--steps 1] [--pairs 2]
    python tests/benchmarks/draw_gains.py SCRATCH --layers [bf16,packed,fused,in_turn,blocks,whole] [--rounds 5]

Each is an engine of its own, drawing by turns with the engine as it is, so that what else the machine does slows both
alike; the first picture of each is not timed. The full-size models with random weights are made as draw_speed makes
them. With --layers one pass of the U-Net is timed by turns, in one process: its layers as the library has them in bf16,
with packed weights, and fused too (as the program draws); the same with guidance's two pictures in turn; where there is
a compiler also the library's with their transformer blocks compiled, or compiled as a whole, the weights frozen in,
which packs them as well.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import msgspec
import psutil
from draw_speed import Ours, Took, high_water_gib
from fullsize import KINDS, full_size

from sketchdesk.contracts.jobs import GenerateJob, PromptRow
from sketchdesk.library.models.notes import model_hash
from sketchdesk.library.paths import HOME_VARIABLE

SYSTEMS_OWN = {"MALLOC_MMAP_THRESHOLD_": str(32 * 2**20), "MALLOC_TRIM_THRESHOLD_": str(64 * 2**20)}
"""What GNU's allocator comes to by itself after it has freed large pieces."""


@dataclass
class Without(Ours):
    """An engine that goes without one thing."""

    environment: Mapping[str, str] = field(default_factory=dict)
    change: Callable[[GenerateJob, int], GenerateJob] = lambda job, _number: job

    def __post_init__(self) -> None:
        with _set(self.environment):
            super().__post_init__()

    def job(self, steps: int) -> GenerateJob:
        """Return the next picture's job, changed."""
        return self.change(super().job(steps), self.number)


def _one_after_the_other(job: GenerateJob, _number: int) -> GenerateJob:
    return msgspec.structs.replace(job, memory_savings=("sequential_guidance",))


def _unread_text(job: GenerateJob, number: int) -> GenerateJob:
    prompts = (PromptRow(prompt=f"picture {number}", negative_prompt=f"no {number}"),)
    return msgspec.structs.replace(job, prompts=prompts)


def _threads(count: int) -> Callable[[GenerateJob, int], GenerateJob]:
    return lambda job, _number: msgspec.structs.replace(job, num_threads=count)


CORES = psutil.cpu_count(logical=False) or 1
LAYERS = ("bf16", "packed", "fused", "in_turn", "blocks", "whole")
WITHOUT: dict[str, dict[str, Any]] = {
    "small_pages": {"environment": {"THP_MEM_ALLOC_ENABLE": "0"}},
    "memory_not_kept": {"environment": SYSTEMS_OWN},
    "text_read_anew": {"change": _unread_text},
    "guidance_in_sequence": {"change": _one_after_the_other},
    "one_thread": {"change": _threads(1)},
    "twice_the_threads": {"change": _threads(2 * CORES)},
}


@contextmanager
def _set(environment: Mapping[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update(environment)
    try:
        yield
    finally:
        for name in environment:
            os.environ.pop(name)
        os.environ.update(before)


def gains(options: argparse.Namespace, out: Path) -> None:
    """Time the engine as it is against each of the others, and print."""
    folder = full_size(options.model, options.scratch)
    model_hash(folder)  # noted once; it would be computed beside the first picture
    settings = (options.threads, options.size, out)
    whole = Ours(folder, "exact", *settings)
    print(f"{options.model}, {options.size} x {options.size}, {options.steps} steps, {options.threads} threads, "
          f"medians of {options.pairs} pairs")  # fmt: skip
    print(f"{'without':22}{'seconds':>9}{'as it is':>10}{'slower':>8}{'text':>7}{'denoise':>9}{'decode':>8}{'GiB':>7}")
    try:
        whole.draw(1)
        for name in options.without:
            other = Without(folder, name, *settings, **WITHOUT[name])
            try:
                other.draw(1)
                pairs = []
                for number in range(options.pairs):
                    each = [system.draw(options.steps) for system in ((whole, other) if number % 2 else (other, whole))]
                    pairs.append(each if number % 2 else each[::-1])
                _tell(name, pairs, high_water_gib(other.pid))
            finally:
                other.close()
        print(f"{'(as it is)':75}{high_water_gib(whole.pid):8.2f}")
    finally:
        whole.close()


def _tell(name: str, pairs: list[list[Took]], memory_gib: float) -> None:
    whole, other = zip(*pairs, strict=True)
    slower = statistics.median(one.total_s / each.total_s for each, one in pairs)
    parts = [statistics.median(getattr(one, part) for one in other) for part in ("text_s", "denoise_s", "decode_s")]
    totals = [statistics.median(one.total_s for one in system) for system in (other, whole)]
    print(f"{name:22}{totals[0]:9.2f}{totals[1]:10.2f}{slower - 1:+8.1%}{parts[0]:7.2f}{parts[1]:9.2f}{parts[2]:8.2f}"
          f"{memory_gib:7.2f}", flush=True)  # fmt: skip


@dataclass
class _InTurn:
    """A U-Net that is asked about the pictures of a batch one after the other."""

    unet: Any

    def __call__(self, latents: Any, timestep: Any, states: Any) -> None:
        for place in range(len(latents)):
            self.unet(latents[place : place + 1], timestep, states[place : place + 1])


def layers(options: argparse.Namespace) -> None:
    """Time a pass of the U-Net with its layers in each of their forms, and print."""
    import torch
    import torch._inductor.config as compiling
    from diffusers import UNet2DConditionModel

    from sketchdesk.engine.models.folder import load_part
    from sketchdesk.engine.models.fusing import fuse
    from sketchdesk.engine.models.packing import pack_network

    folder = full_size(options.model, options.scratch)
    torch.set_num_threads(options.threads)
    batch = 2 if options.model == "sd2-base" else 1
    nets: dict[str, Any] = {}
    for name in options.layers:
        if name == "in_turn":
            nets[name] = _InTurn(nets["fused"])
            continue
        nets[name] = load_part(UNet2DConditionModel, folder / "unet", torch.bfloat16)
        if name in ("packed", "fused"):
            pack_network(nets[name])
        if name == "fused":
            fuse(nets[name])
    first = options.layers[0]
    cells, width = options.size // 8, int(nets[first].config.cross_attention_dim)
    latents, states = torch.randn(batch, 4, cells, cells), torch.randn(batch, 77, width)
    given = (latents.bfloat16(), torch.tensor(500), states.bfloat16())
    seconds: dict[str, list[float]] = {name: [] for name in nets}
    with torch.no_grad():
        for name, net in nets.items():
            began = time.perf_counter()
            if name == "blocks":
                net.compile_repeated_blocks()
            elif name == "whole":
                compiling.freezing = compiling.freezing_discard_parameters = True
                net.compile()
            net(*given)
            print(f"{name}: the first pass took {time.perf_counter() - began:.1f} s", flush=True)
        for _round in range(options.rounds):
            for name, net in nets.items():
                began = time.perf_counter()
                net(*given)
                seconds[name].append(time.perf_counter() - began)
    for name, each in seconds.items():
        ratio = statistics.median(other / one for other, one in zip(seconds[first], each, strict=True))
        middle, best = statistics.median(each), min(each)
        print(f"{name:10}{middle:8.2f} s  best {best:6.2f} s  {ratio:5.2f} times as fast as {first}")


def main() -> int:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("scratch", type=Path)
    parser.add_argument("--model", choices=list(KINDS), default="instaflow")
    parser.add_argument("--without", type=lambda text: text.split(","), default=list(WITHOUT))
    parser.add_argument("--threads", type=int, default=CORES)
    parser.add_argument("--size", type=int, default=512)
    parser.add_argument("--steps", type=int, default=1)
    parser.add_argument("--pairs", type=int, default=2)
    parser.add_argument("--layers", nargs="?", const="bf16,packed,fused")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    options.layers = options.layers.split(",") if options.layers else []
    if unknown := set(options.without) - WITHOUT.keys() | set(options.layers) - set(LAYERS):
        parser.error(f"not known: {', '.join(sorted(unknown))}")
    options.scratch.mkdir(parents=True, exist_ok=True)
    options.scratch = options.scratch.resolve()
    os.environ[HOME_VARIABLE] = str(options.scratch / "home")
    os.environ["OMP_NUM_THREADS"] = str(options.threads)
    if options.layers:
        layers(options)
        return 0
    with tempfile.TemporaryDirectory(dir=options.scratch) as out:
        gains(options, Path(out))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
