"""What a card says of drawing with a tuned model or a LoRA: diffusers has no sampler for all of them.

In English, as model cards are.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from sketchdesk.contracts.errors import SketchDeskError
from sketchdesk.library.models.draw_facts import draw_facts
from sketchdesk.library.models.kind import kind_of
from sketchdesk.library.models.perflow import perflow_use

VELOCITY_USE = """\
The U-Net says the velocity of a rectified flow, x0 − z from noise z to picture x0. In N steps:

```
x = z                       # standard normal, [B, C, h, w]
for i in range(N):          # N = {steps}
    x = x + unet(x, 1000 * (1 - i / N), text) / N
picture = vae.decode(x / vae.config.scaling_factor)
```

SketchDesk draws with it as it is. In diffusers, U-Net, VAE and text encoder load; the loop above is its scheduler."""
STOCK_USE = """\
```python
from diffusers import StableDiffusionPipeline

pipeline = StableDiffusionPipeline.from_pretrained("{model}")
{lora}pipeline("{prompt}").images[0].save("picture.png")
```"""
LORA_FIRST = "The LoRA goes onto {base} first: `pipeline.load_lora_weights(\"{file}\")` in diffusers.\n\n"


def tuned_use(folder: Path, prompt: str) -> str:
    """Return how one draws with the model in a folder."""
    if use := _of_its_own(folder, folder.name, prompt):
        return use
    return STOCK_USE.format(model=folder.name, lora="", prompt=prompt)


def lora_use(file: str, base: Path, called: str, prompt: str) -> str:
    """Return how one draws with a LoRA's file for a base that lies at a place and goes by a name."""
    if use := _of_its_own(base, called, prompt, file):
        return use
    return STOCK_USE.format(model=called, lora=f'pipeline.load_lora_weights("{file}")\n', prompt=prompt)


def flows(model: Path) -> bool:
    """Tell whether a model's U-Net says velocities; one that is gone by now does not tell."""
    with suppress(SketchDeskError):
        return kind_of(model).family == "instaflow"
    return False


def _of_its_own(model: Path, called: str, prompt: str, lora: str = "") -> str:
    """Return what is said of a model that no sampler of diffusers is made for, "" of the others."""
    facts = draw_facts(model)
    if use := perflow_use(model, called, prompt, facts.num_inference_steps, facts.guidance_scale, lora):
        return use
    if not flows(model):
        return ""
    first = LORA_FIRST.format(base=called, file=lora) if lora else ""
    return first + VELOCITY_USE.format(steps=facts.num_inference_steps)
