"""Stock diffusers in a process of its own: StableDiffusionPipeline.from_pretrained in fp32, nothing changed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any


class StockProcess:
    """A pipeline that draws when told to. Guided as it is by default (7.5), or not at all."""

    def __init__(self, folder: Path, threads: int, guided: bool) -> None:
        command = [sys.executable, __file__, str(folder), "7.5" if guided else "0"]
        environment = {**os.environ, "OMP_NUM_THREADS": str(threads)}
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment,
        )  # fmt: skip

    @property
    def pid(self) -> int:
        """The process's number."""
        return self._process.pid

    def draw(self, prompt: str, steps: int, size: int) -> tuple[float, float, float]:
        """Draw a picture and return the seconds of text, denoising and decoding, all that is left among the second."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps([prompt, steps, size]) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise SystemExit(f"stock diffusers ended with {self._process.wait()}")
        text_s, denoise_s, decode_s = json.loads(answer)
        return text_s, denoise_s, decode_s

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


def timed(owner: Any, name: str, seconds: dict[str, float]) -> None:
    """Let a method add what it takes to seconds[name]."""
    method = getattr(owner, name)

    def clocked(*given: Any, **named: Any) -> Any:
        began = time.perf_counter()
        try:
            return method(*given, **named)
        finally:
            seconds[name] += time.perf_counter() - began

    setattr(owner, name, clocked)


def serve(folder: str, guidance: float) -> None:
    """Draw what stdin asks for, line by line."""
    import torch
    from diffusers import StableDiffusionPipeline

    # The default, said in words: of fp16 files transformers would keep the text encoder as it is.
    pipeline = StableDiffusionPipeline.from_pretrained(folder, dtype=torch.float32)
    pipeline.set_progress_bar_config(disable=True)
    seconds = {"encode_prompt": 0.0, "decode": 0.0}
    timed(pipeline, "encode_prompt", seconds)
    timed(pipeline.vae, "decode", seconds)
    for line in sys.stdin:
        prompt, steps, size = json.loads(line)
        seconds.update(dict.fromkeys(seconds, 0.0))
        began = time.perf_counter()
        pipeline(prompt, num_inference_steps=steps, guidance_scale=guidance, width=size, height=size)
        total = time.perf_counter() - began
        text, decode = seconds["encode_prompt"], seconds["decode"]
        print(json.dumps([text, total - text - decode, decode]), flush=True)


if __name__ == "__main__":
    serve(sys.argv[1], float(sys.argv[2]))
