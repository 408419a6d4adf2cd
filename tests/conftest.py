"""What every test gets: no screen, a data folder of its own, English, and a check that it leaves nothing running."""

from __future__ import annotations

import os

os.environ["QT_QPA_PLATFORM"] = "offscreen"
if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # workers, and the engines they start, share the cores

import gc
import importlib.util
import sys
from collections.abc import Callable, Generator, Iterator
from functools import partial
from pathlib import Path
from typing import Any
from weakref import WeakSet

import psutil
import pytest

from sketchdesk.contracts import text
from sketchdesk.library.paths import HOME_VARIABLE

FAKES = Path(__file__).parent / "fakes"
PATIENCE_MS = 30_000


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Let what a test printed travel from a worker, also where it is no proper text: file names in tests are not."""
    report = yield
    report.sections = [(name, words.encode(errors="backslashreplace").decode()) for name, words in report.sections]
    return report


@pytest.fixture(scope="session", autouse=True)
def shared_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A data folder for what is made once for several tests: no fixture sees or changes the developer's own either."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(HOME_VARIABLE, str(tmp_path_factory.mktemp("home")))
        patch.setenv("SKETCHDESK_PROBE", "off")  # else the clock would choose the precision
        yield


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty data folder."""
    folder = tmp_path_factory.mktemp("home")
    monkeypatch.setenv(HOME_VARIABLE, str(folder))
    return folder


@pytest.fixture(autouse=True)
def garbage_in_this_thread() -> Iterator[None]:
    """Cycles, which may hold a window, are collected between tests and never in a thread that one started."""
    from sketchdesk.ui.garbage import collect_due

    gc.disable()
    yield
    collect_due()


@pytest.fixture(autouse=True)
def english(tmp_path: Path) -> Iterator[None]:
    """Messages are the English source, before and after a test that switches the language."""
    text.use_language(tmp_path, "en")
    yield
    text.use_language(tmp_path, "en")


@pytest.fixture(autouse=True)
def no_leaks(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Fail a test that leaves a QThread or a child process running."""
    from PySide6.QtCore import QThread

    started: WeakSet[QThread] = WeakSet()
    start = QThread.start

    def recorded_start(thread: QThread, *arguments: object) -> None:
        started.add(thread)
        start(thread, *arguments)

    monkeypatch.setattr(QThread, "start", recorded_start)
    before = {child.pid for child in _children()}
    yield
    threads = [thread for thread in started if _is_running(thread)]
    children = [child for child in _children() if child.pid not in before]
    _gone, alive = psutil.wait_procs(children, timeout=3)
    left = [name for child in alive if not _is_pythons_own(name := _command(child))]
    assert not threads, f"threads left running: {threads}"
    assert not left, f"child processes left running: {left}"


def _children() -> list[psutil.Process]:
    """This process's children and theirs; Linux tells at once that there are none, without a look at all processes."""
    try:
        if not any((task / "children").read_text() for task in Path("/proc/self/task").iterdir()):
            return []
    except OSError:  # another system, or a thread that ended meanwhile
        pass
    return psutil.Process().children(recursive=True)


def _is_running(thread: object) -> bool:
    try:
        return thread.isRunning()
    except RuntimeError:  # Qt has deleted it
        return False


def _command(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.NoSuchProcess:
        return ""


def _is_pythons_own(command: str) -> bool:
    """The helper that multiprocessing keeps for the life of the process, or one that ended while we looked."""
    return not command or "resource_tracker" in command


@pytest.fixture(scope="session")
def fakes() -> Path:
    """The folder of the programs that stand in for others."""
    return FAKES


@pytest.fixture(scope="session")
def fake_engine() -> Callable[[str | None], list[str] | None]:
    """Returns the command of an engine that does what its name says (see fakes/engine.py); None for the real one."""
    return lambda work: [sys.executable, str(FAKES / "engine.py"), work] if work else None


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, home: Path) -> Iterator[Any]:
    """A hub on this machine that holds nothing yet (see fakes/hub.py); no test asks the real one or reads its cache."""
    spec = importlib.util.spec_from_file_location("fake_hub", FAKES / "hub.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["fake_hub"] = module
    spec.loader.exec_module(module)
    with module.serving() as served:
        for name, value in {
            "HF_ENDPOINT": served.endpoint, "HF_HUB_CACHE": str(home / "hub-cache"), "HF_HUB_OFFLINE": "0",
            "NO_PROXY": "127.0.0.1", "HF_TOKEN": "",
        }.items():  # fmt: skip
            monkeypatch.setenv(name, value)
        yield served


@pytest.fixture(scope="session")
def tiny_sd(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A real Stable Diffusion folder with random weights, 32 x 32 pixels, small enough to draw in a blink."""
    import torch
    from diffusers import AutoencoderKL, PNDMScheduler, StableDiffusionPipeline, UNet2DConditionModel
    from transformers import CLIPTextConfig, CLIPTextModel

    torch.manual_seed(0)
    unet = UNet2DConditionModel(
        sample_size=16, block_out_channels=(32, 64), layers_per_block=1, cross_attention_dim=32, attention_head_dim=8,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"), up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
    )
    vae = AutoencoderKL(
        block_out_channels=(32, 64), layers_per_block=1, latent_channels=4, sample_size=32,
        down_block_types=("DownEncoderBlock2D",) * 2, up_block_types=("UpDecoderBlock2D",) * 2,
    )
    tokenizer = _tiny_tokenizer(tmp_path_factory.mktemp("tokenizer"))
    text_encoder = CLIPTextModel(
        CLIPTextConfig(
            vocab_size=len(tokenizer), hidden_size=32, intermediate_size=37, num_hidden_layers=2,
            num_attention_heads=4, max_position_embeddings=tokenizer.model_max_length, projection_dim=32,
            bos_token_id=tokenizer.bos_token_id, eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.pad_token_id,
        )
    )
    scheduler = PNDMScheduler(
        beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", skip_prk_steps=True, steps_offset=1,
        set_alpha_to_one=False,
    )
    folder = tmp_path_factory.mktemp("models") / "tiny-sd"
    StableDiffusionPipeline(
        vae=vae, text_encoder=text_encoder, tokenizer=tokenizer, unet=unet, scheduler=scheduler,
        safety_checker=None, feature_extractor=None, requires_safety_checker=False,
    ).save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def tiny_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A real CLIPModel folder with random weights: 32 px, 16 tokens."""
    import torch
    from transformers import CLIPConfig, CLIPImageProcessorPil, CLIPModel

    folder = tmp_path_factory.mktemp("models") / "tiny-clip"
    tokenizer = _tiny_tokenizer(tmp_path_factory.mktemp("tokenizer"))
    tokenizer.model_max_length = 16
    torch.manual_seed(0)
    shape = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2}
    text_shape = shape | {
        "vocab_size": len(tokenizer), "max_position_embeddings": 16, "bos_token_id": tokenizer.bos_token_id,
        "eos_token_id": tokenizer.eos_token_id,
    }
    vision_shape = shape | {"image_size": 32, "patch_size": 8}
    CLIPModel(CLIPConfig(text_config=text_shape, vision_config=vision_shape, projection_dim=24)).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    size = {"shortest_edge": 32}
    CLIPImageProcessorPil(size=size, crop_size={"height": 32, "width": 32}).save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def tiny_blip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A real BlipForConditionalGeneration folder with random weights: 32 px, a dozen words."""
    import torch
    from transformers import BertTokenizer, BlipConfig, BlipForConditionalGeneration, BlipImageProcessorPil

    folder = tmp_path_factory.mktemp("models") / "tiny-blip"
    folder.mkdir()
    words = ["a", "zebra", "giraffe", "horse", "in", "the", "forest", "black", "and", "white", "sketch", "of"]
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "[DEC]", *words]
    (folder / "vocab.txt").write_text("\n".join(vocabulary), encoding="utf-8")
    tokenizer = BertTokenizer.from_pretrained(folder, local_files_only=True)
    tokenizer.add_special_tokens({"bos_token": "[DEC]"})
    torch.manual_seed(1)
    shape = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2}
    text_shape = shape | {
        "vocab_size": len(vocabulary), "encoder_hidden_size": 32, "max_position_embeddings": 64, "bos_token_id": 5,
        "pad_token_id": 0, "sep_token_id": 3, "eos_token_id": 3, "initializer_range": 0.6,
    }  # fmt: skip
    vision_shape = shape | {"image_size": 32, "patch_size": 8, "initializer_range": 0.4}
    config = BlipConfig(text_config=text_shape, vision_config=vision_shape, projection_dim=32)
    BlipForConditionalGeneration(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    BlipImageProcessorPil(size={"height": 32, "width": 32}).save_pretrained(folder)
    return folder


def _tiny_tokenizer(folder: Path) -> object:
    """A CLIP tokenizer that knows single bytes only."""
    import json

    from tokenizers.pre_tokenizers import ByteLevel
    from transformers import CLIPTokenizer

    alphabet = sorted(ByteLevel.alphabet())
    start, end = "<|startoftext|>", "<|endoftext|>"
    tokens = [*alphabet, *(byte + "</w>" for byte in alphabet), start, end]
    vocabulary = {token: index for index, token in enumerate(tokens)}
    (folder / "vocab.json").write_text(json.dumps(vocabulary), encoding="utf-8")
    (folder / "merges.txt").write_text("#version: 0.2\n", encoding="utf-8")
    special = {"bos_token": start, "eos_token": end, "unk_token": end, "pad_token": end}
    (folder / "tokenizer_config.json").write_text(
        json.dumps({**special, "tokenizer_class": "CLIPTokenizer", "model_max_length": 77}), encoding="utf-8"
    )
    return CLIPTokenizer.from_pretrained(folder, local_files_only=True)


@pytest.fixture
def qtbot(qtbot, monkeypatch):
    """Waits for what comes in milliseconds as long as a busy machine may take for it, not pytest-qt's five seconds."""
    for way in ("waitUntil", "waitSignal", "waitSignals", "waitCallback"):
        monkeypatch.setattr(qtbot, way, partial(getattr(qtbot, way), timeout=PATIENCE_MS))
    return qtbot
