"""CLIP as a loss: it is prepared as CLIP's own processor does, follows its formula, and teaches the U-Net."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import pytest
import torch
from PIL import Image

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.events import MetricLogged, Notice
from sketchdesk.contracts.jobs import TrainJob
from sketchdesk.engine.device import Placement
from sketchdesk.engine.evaluation.clip import ClipScorer
from sketchdesk.engine.models.stable_diffusion import load_stable_diffusion
from sketchdesk.engine.reporter import Reporter
from sketchdesk.engine.training import task
from sketchdesk.engine.training.reward import ClipReward, judges_its_own_work

CPU = Placement(torch.device("cpu"), torch.float32, 1)
SHARES = torch.tensor([0.1, 0.2])
CAPTIONS = ["a red ball", "a blue ball"]


@pytest.fixture
def job(tiny_sd: Path, tiny_clip: Path, balls: Path, tmp_path: Path) -> TrainJob:
    return TrainJob(
        model=str(tiny_sd), dataset=str(balls), out_dir=str(tmp_path / "run"), reward_clip=str(tiny_clip),
        reward_weight=0.5, max_train_steps=4, train_batch_size=2, optimizer="adamw", precision="fp32", num_threads=1,
        use_ema=False, learning_rate=1e-3,
    )  # fmt: skip


@pytest.fixture
def reward(job: TrainJob):
    return lambda **changes: ClipReward(
        msgspec.structs.replace(job, **changes), load_stable_diffusion(Path(job.model), CPU.device, torch.float32), CPU
    )


@pytest.mark.parametrize("size", [(32, 32), (64, 48), (40, 90)])
def test_pictures_are_embedded_as_clips_own_preparation_has_them(reward, tiny_clip, size):
    generator = np.random.default_rng(0)
    coarse = Image.fromarray(generator.integers(0, 255, (6, 6, 3), dtype=np.uint8))
    picture = coarse.resize(size, Image.Resampling.BICUBIC)
    pixels = torch.from_numpy(np.asarray(picture)).permute(2, 0, 1)[None] / 255
    with torch.no_grad():
        ours = reward().embeddings(pixels)
    stock = ClipScorer.load(tiny_clip, CPU).image_embeddings([picture])
    assert (ours * stock).sum().item() == pytest.approx(1, abs=2e-3)


@pytest.mark.parametrize("threshold", [None, 0.9, -1.0])
def test_the_loss_is_how_far_the_cosines_are_from_what_is_wanted_and_never_less_than_nothing(
    reward, tiny_clip, threshold
):
    judge = reward(reward_threshold=threshold)
    clean = torch.randn(2, 4, 16, 16, generator=torch.Generator().manual_seed(0))
    judged = judge.judge(clean, CAPTIONS, SHARES)
    model = judge._model
    with torch.no_grad():
        pictures = (model.vae.decode(clean / model.vae.config.scaling_factor).sample / 2 + 0.5).clamp(0, 1)
        texts = ClipScorer.load(tiny_clip, CPU).text_embeddings(CAPTIONS)
        cosines = (judge.embeddings(pictures) * texts).sum(-1)
    wanted = 1.0 if threshold is None else threshold
    assert judged.loss.item() == pytest.approx((wanted - cosines).clamp(min=0).mean().item(), abs=1e-5)
    assert judged.cosine.item() == pytest.approx(cosines.mean().item(), abs=1e-5)
    if threshold == -1.0:
        assert judged.loss.item() == 0


def test_only_little_noise_and_pictures_with_captions_are_judged(reward):
    judge, clean = reward(reward_below=0.3), torch.randn(3, 4, 16, 16)
    captions = ["a red ball", "", "a blue ball"]
    alone = judge.judge(clean[:1], captions[:1], torch.tensor([0.1]))
    judged = judge.judge(clean, captions, torch.tensor([0.1, 0.1, 0.3]))
    assert judged.loss.item() == pytest.approx(alone.loss.item(), abs=1e-6)
    assert judge.judge(clean, captions, torch.tensor([0.5, 0.1, 0.9])) is None


def test_the_styles_words_stand_before_what_is_judged(reward):
    clean = torch.randn(2, 4, 16, 16, generator=torch.Generator().manual_seed(0))
    styled = reward(reward_prefix="a sketch of").judge(clean, CAPTIONS, SHARES)
    spelt = reward().judge(clean, [f"a sketch of {caption}" for caption in CAPTIONS], SHARES)
    assert styled.cosine.item() == pytest.approx(spelt.cosine.item(), abs=1e-6)
    assert styled.cosine.item() != pytest.approx(reward().judge(clean, CAPTIONS, SHARES).cosine.item(), abs=1e-4)


def test_it_is_due_from_its_first_step_on_every_so_many(reward):
    judge = reward(reward_start_step=3, reward_every=2)
    assert [step for step in range(9) if judge.is_due(step)] == [3, 5, 7]


def test_following_its_gradient_makes_latents_fit_their_captions(reward):
    judge = reward()
    clean = torch.randn(2, 4, 16, 16, generator=torch.Generator().manual_seed(0)).requires_grad_(True)
    optimizer = torch.optim.Adam([clean], lr=0.05)
    cosines = []
    for _ in range(8):
        judged = judge.judge(clean, CAPTIONS, SHARES)
        optimizer.zero_grad()
        judged.loss.backward()
        optimizer.step()
        cosines.append(judged.cosine.item())
    assert cosines[-1] > cosines[0]
    assert all(parameter.grad is None for parameter in judge._model.vae.parameters())


def test_a_training_with_it_differs_from_one_without_and_logs_the_cosine(job, tmp_path):
    def trained(**changes: object) -> tuple[bytes, list[float]]:
        events: list = []
        wanted = msgspec.structs.replace(job, out_dir=str(tmp_path / str(len(list(tmp_path.iterdir())))), **changes)
        output = Path(task.run(wanted, Reporter(events.append))["output"])
        found = [event.values["reward_cosine"] for event in events
                 if isinstance(event, MetricLogged) and "reward_cosine" in event.values]  # fmt: skip
        return (output / "unet" / "diffusion_pytorch_model.safetensors").read_bytes(), found

    without, none = trained(reward_weight=0.0)
    late, never = trained(reward_start_step=100)
    with_it, cosines = trained(reward_below=1.0)
    assert without == late
    assert none == never == []
    assert with_it != without
    assert all(-1 <= cosine <= 1 for cosine in cosines)
    assert cosines


def test_a_reward_that_is_the_judge_too_is_told(job, monkeypatch, tiny_clip):
    from sketchdesk.engine.training import reward as module

    same = msgspec.structs.replace(job, reward_clip="demo-clip")
    monkeypatch.setattr(module, "locate", lambda name: tiny_clip if name == "demo-clip" else Path(name))
    assert judges_its_own_work(same)
    assert not judges_its_own_work(msgspec.structs.replace(job, reward_clip="another"))
    assert not judges_its_own_work(msgspec.structs.replace(same, reward_weight=0.0))


def test_the_demos_reward_clip_that_was_not_built_says_how_to(job):
    events: list = []
    with pytest.raises(SketchDeskError) as refused:
        task.run(msgspec.structs.replace(job, reward_clip="demo-reward-clip"), Reporter(events.append))
    assert refused.value.kind is ErrorKind.BAD_INPUT
    assert "sketchdesk demo build reward-clip" in refused.value.message
    assert not [event for event in events if isinstance(event, Notice) and event.level == "warning"]
