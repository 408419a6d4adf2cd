"""Distribution matching: what a student draws is to be distributed as what its teacher draws, picture by picture free.

A critic, the teacher with a LoRA, learns to denoise what the student draws; where it and the teacher disagree about
a noised drawing, their difference says how the drawing should change (Yin et al., 2311.18828; with a LoRA for critic:
Nguyen & Tran, SwiftBrush, 2312.05239). It needs no pictures, and cures the blur that a regression's mean leaves.

For k steps every step is matched: the point it leads to is noised further on the teacher's own path, and distributions
are compared there (Luo et al., TDM, 2503.06674).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import msgspec
import torch
from torch import Tensor

from sketchdesk.contracts.jobs import DistillJob
from sketchdesk.engine.distillation.adapters import add_adapter, counting
from sketchdesk.engine.distillation.networks import answer_in_fp32, guided, plainly, view_of
from sketchdesk.engine.distillation.one_step import OneStep
from sketchdesk.engine.distillation.pair_batches import PairBatches
from sketchdesk.engine.distillation.student import Student
from sketchdesk.engine.models.stable_diffusion import StableDiffusion
from sketchdesk.engine.training.adapter_targets import ADAPTER
from sketchdesk.engine.training.ranks import Ranks
from sketchdesk.engine.training.stepping import make_stepper
from sketchdesk.engine.training.trained import prepare
from sketchdesk.library.dataset.chance import ORDER, STEP, step_seed

CRITIC = "critic"
LEAST, MOST = 0.02, 0.98
"""Of the teacher's times, those at which distributions are compared."""
APART = 0.02
"""A point is noised further by at least this share of the times."""


class Drawn(NamedTuple):
    """What one of the student's steps led to."""

    clean: Tensor
    """x̂0 of that step, [B, C, h, w]."""
    point: Tensor
    """x_r, where the step ends, [B, C, h, w]."""
    share: Tensor
    """r, 0 after the last step; a scalar."""
    captions: list[str]


class Noised(NamedTuple):
    """A point, noised further along straight paths."""

    x: Tensor
    """x_s, [B, C, h, w]."""
    s: Tensor
    """[B]"""
    fresh: Tensor
    """The noise that came, [B, C, h, w], of unit variance."""
    spread: Tensor
    """How much of it, [B, 1, 1, 1]: √(s² − ((1 − s) r / (1 − r))²)."""


def noised_further(point: Tensor, share: Tensor, s: Tensor, fresh: Tensor) -> Noised:
    """Noise points x_r [B, C, h, w] at r = `share` on to noise shares s [B] above r, as the teacher's path would."""
    wide = s.view(-1, *[1] * (point.ndim - 1))
    kept = (1 - wide) / (1 - share)
    spread = (wide.square() - (kept * share).square()).sqrt()
    return Noised(kept * point + spread * fresh, s, fresh, spread)


def critic_loss(noise_seen: Tensor, noised: Noised) -> Tensor:
    """Return the loss of a critic that sees the noise ẑ in x_s: least where it tells the score of what was drawn.

    The score is −ẑ / s; of one drawing it is −fresh / spread, whose mean over drawings is the distribution's.
    """
    wide = noised.s.view(-1, *[1] * (noise_seen.ndim - 1))
    return (noised.spread / wide * noise_seen - noised.fresh).square().mean()


def matching_gradient(of_student: Tensor, of_teacher: Tensor, clean: Tensor) -> Tensor:
    """Return how drawings should change, [B, …]: the critic's x̂0 less the teacher's, 0 where the two agree.

    Divided by how far the teacher's is from the drawing on average, so that every noise level counts alike.
    """
    each = tuple(range(1, clean.ndim))
    size = (clean - of_teacher).abs().mean(dim=each, keepdim=True).clamp(min=1e-6)
    return (of_student - of_teacher) / size


class Matching:
    """The phase "matching"."""

    name = "matching"

    def __init__(
        self, job: DistillJob, student: Student, teacher: StableDiffusion, batches: PairBatches, ranks: Ranks
    ) -> None:
        """The teacher's U-Net is given the critic's LoRA, and is otherwise left as it is."""
        self._job, self._student, self._batches, self._ranks = job, student, batches, ranks
        self._base, self._placement = teacher.unet, student.placement
        self._rest = ADAPTER if student.trained.adapts else None
        if not student.trained.adapts:
            self._base.requires_grad_(False).to(self._placement.dtype)
            prepare(self._base, student.settings, self._placement)
            if not teacher.rectified_flow:
                answer_in_fp32(self._base, self._placement.device)
        self._named = add_adapter(self._base, CRITIC, job.critic_rank, step_seed(job.seed, 0, ORDER))
        with counting(self._base, None, self._rest):
            pass
        plain = plainly(self._base, self._placement)
        self._critic_view = view_of(teacher, self._placement, plain)
        self._teacher_view = view_of(
            teacher, self._placement, guided(plain, self._no_text, job.matching_guidance_scale)
        )
        settings = msgspec.structs.replace(student.settings, learning_rate=job.critic_learning_rate)
        self._stepper = make_stepper(settings, self._named, self._placement, ranks.count)
        self._steps = 0
        self._pairs = OneStep(job, student, batches) if job.matching_pairs_weight else None

    def prepare_step(self, numbers: Sequence[int], rate_share: float) -> dict[str, float]:
        """Train the critic on what the student draws now; return what to log."""
        job = self._job
        self._stepper.set_learning_rate(job.critic_learning_rate * rate_share)
        loss = torch.zeros(1, device=self._placement.device)
        for update in range(job.critic_updates):
            for number in numbers:
                generator = self._generator(number, 1 + update)
                with torch.no_grad():
                    drawn = self._drawn(number, generator)
                noised = self._noised(drawn, generator)
                with counting(self._base, CRITIC, self._rest):
                    seen = self._critic_view.ends(noised.x, noised.s, self._student.states(drawn.captions)).noise
                    part = critic_loss(seen, noised) / len(numbers)
                    self._stepper.backward(part, self._steps)
                loss += part.detach() / job.critic_updates
            self._ranks.mean_gradients([parameter for _name, parameter in self._named])
            self._stepper.finish(self._steps, bool(torch.isfinite(self._ranks.mean(loss.clone()))))
            self._steps += 1
        return {"critic_loss": float(loss)}

    def loss(self, number: int) -> Tensor:
        """Return the loss of micro-batch `number`: its gradient is the matching gradient, and that of the pairs."""
        generator = self._generator(number, 0)
        drawn = self._drawn(number, generator)
        with torch.no_grad():
            noised, states = self._noised(drawn, generator), self._student.states(drawn.captions)
            with counting(self._base, None, self._rest):
                of_teacher = self._teacher_view.clean(noised.x, noised.s, states)
            with counting(self._base, CRITIC, self._rest):
                of_student = self._critic_view.clean(noised.x, noised.s, states)
            wanted = drawn.point - matching_gradient(of_student, of_teacher, drawn.clean)
        loss = 0.5 * (drawn.point - wanted).square().mean()
        if self._pairs:
            loss = loss + self._job.matching_pairs_weight * self._pairs.loss(number)
        return loss

    def state_dict(self) -> dict[str, Any]:
        """Return what a resume needs of the critic."""
        critic = {name: parameter.detach() for name, parameter in self._named}
        return {"critic": critic, "steps": self._steps, "stepper": self._stepper.state_dict()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go back to a saved state. Raises KeyError or RuntimeError where it belongs to another job."""
        with torch.no_grad():
            for name, parameter in self._named:
                parameter.copy_(state["critic"][name])
        self._steps = state["steps"]
        self._stepper.load_state_dict(state["stepper"])

    def _drawn(self, number: int, generator: torch.Generator) -> Drawn:
        """Draw with the student from fresh noise up to one of its own steps; only that one has gradients."""
        pairs = self._batches.at(number)
        shares = self._student.view.own_steps(self._job.student_steps)
        last = int(torch.randint(self._job.student_steps, (1,), generator=generator))
        x = torch.randn(pairs.noise.shape, generator=generator).to(pairs.noise.device)
        spans = list(pairwise(shares.to(x.device)))
        with torch.no_grad():
            for now, then in spans[:last]:
                x = self._student.ends(x, now.expand(len(x)), pairs.captions).at(then.expand(len(x)))
        now, then = spans[last]
        ends = self._student.ends(x, now.expand(len(x)), pairs.captions)
        return Drawn(ends.clean, ends.at(then.expand(len(x))), then, pairs.captions)

    def _noised(self, drawn: Drawn, generator: torch.Generator) -> Noised:
        """Noise what was drawn, unrelated to how it was drawn."""
        point, view = drawn.point.detach(), self._critic_view
        least = max(LEAST, float(view.share(drawn.share.cpu())) + APART) if float(drawn.share) else LEAST
        share = least + (MOST - least) * torch.rand(len(point), generator=generator)
        fresh = torch.randn(point.shape, generator=generator).to(point.device)
        return noised_further(point, drawn.share, view.level(share).to(point.device), fresh)

    def _no_text(self, count: int) -> Tensor:
        return self._student.states([""] * count)

    def _generator(self, number: int, use: int) -> torch.Generator:
        return torch.Generator().manual_seed(step_seed(step_seed(self._job.seed, number, STEP), use, STEP))
