"""A prompt panel over a runner that is never asked to run anything, with models and devices to choose from."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sketchdesk.contracts.events import DeviceFound
from sketchdesk.contracts.text import use_language
from sketchdesk.library.models.installed import ModelEntry
from sketchdesk.library.settings import Settings
from sketchdesk.ui.message import Message
from sketchdesk.ui.prompt.prompt_panel import PromptPanel
from sketchdesk.ui.settings_store import SettingsStore
from sketchdesk.workers.runner import JobRunner

CPU = DeviceFound(device="cpu", name="Test CPU", memory_gib=24.0, precisions=("bf16", "fp32"), preferred="bf16")


def weights_file(path: Path, *names: str) -> Path:
    """Write small tensors with these names as a safetensors file."""
    tensors = {
        name: {"dtype": "F32", "shape": [2, 4], "data_offsets": [32 * at, 32 * (at + 1)]}
        for at, name in enumerate(names)
    }
    header = json.dumps(tensors).encode()
    path.write_bytes(len(header).to_bytes(8, "little") + header + bytes(32 * len(names)))
    return path


@pytest.fixture
def make_weights() -> Callable[..., Path]:
    """The function that writes weight files."""
    return weights_file


@pytest.fixture
def models(tmp_path: Path) -> list[ModelEntry]:
    """Two models that draw at 128 px in cells of 16, one of them a training's; a broken one; a LoRA; a scorer."""
    folders = [tmp_path / "models" / "demo-base", tmp_path / "training" / "sketch" / "model"]
    for folder in folders:
        (folder / "unet").mkdir(parents=True)
        (folder / "vae").mkdir()
        (folder / "text_encoder").mkdir()
        header = json.dumps({"w": {"dtype": "F32", "shape": [10], "data_offsets": [0, 40]}}).encode()
        data = len(header).to_bytes(8, "little") + header + bytes(40)
        for part in ("unet", "vae", "text_encoder"):
            (folder / part / "model.safetensors").write_bytes(data)
            (folder / part / "config.json").write_text("{}", encoding="utf-8")
        unet = {"sample_size": 8, "block_out_channels": [160, 224], "down_block_types": ["A", "B"]}
        (folder / "unet" / "config.json").write_text(json.dumps(unet), encoding="utf-8")
        vae = {"block_out_channels": [16, 32, 96, 128, 128]}
        (folder / "vae" / "config.json").write_text(json.dumps(vae), encoding="utf-8")
        (folder / "sketchdesk.json").write_text('{"guidance_scale": 3.0, "num_inference_steps": 25}', encoding="utf-8")
    base, tuned = folders
    lora = tmp_path / "models" / "ink.safetensors"
    weights_file(lora, "unet.mid.lora_A.weight", "unet.mid.lora_B.weight")
    return [
        ModelEntry(name="demo-base", path=base, origin="shipped", family="stable_diffusion"),
        ModelEntry(name=str(tuned), path=tuned, origin="own", family="stable_diffusion"),
        ModelEntry(name="cut", path=tmp_path / "cut", origin="own", family="stable_diffusion", problem="It is cut."),
        ModelEntry(name=str(lora), path=lora, origin="own", family="lora"),
        ModelEntry(name="demo-clip", path=tmp_path / "clip", origin="shipped", family="clip"),
    ]


@pytest.fixture
def make_panel(qtbot, models) -> Iterator[Callable[..., PromptPanel]]:
    """Make panels; each keeps what it says in `told`."""
    made: list[tuple[PromptPanel, JobRunner]] = []

    def make(settings: Settings | None = None, is_ready: bool = True) -> PromptPanel:
        runner = JobRunner()
        panel = PromptPanel(runner, SettingsStore(settings or Settings()))
        made.append((panel, runner))
        panel.told = []
        panel.message.connect(panel.told.append)
        if is_ready:
            panel.set_models(models)
            panel.set_devices((CPU,))
        panel.resize(300, 800)
        panel.show()
        qtbot.waitExposed(panel)
        return panel

    yield make
    for panel, runner in made:
        panel.shutdown()
        runner.shutdown()
        panel.deleteLater()


@pytest.fixture
def panel(make_panel, qtbot) -> PromptPanel:
    """A panel that has looked at its model."""
    made = make_panel()
    qtbot.waitUntil(lambda: made.outlook.last is not None, timeout=20_000)
    return made


@pytest.fixture
def told(panel) -> list[Message]:
    """What the panel said."""
    return panel.told


@pytest.fixture
def spanish() -> None:
    """Messages in Spanish until the test ends."""
    from sketchdesk.library.paths import resource

    use_language(resource("translations"), "es")
