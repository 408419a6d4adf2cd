"""An accelerate configuration file: how many processes on which machines, and where each computes.

The file is read by accelerate itself. What it asks for is started here and not by `accelerate launch`, whose launcher
ends everything half a minute after one process has died: too soon to save a checkpoint of a large model.
"""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from sketchdesk.cli.fields import require_file
from sketchdesk.cli.processes import HERE, Launch
from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.jobs import DistillJob, TrainJob
from sketchdesk.contracts.text import _

ConfiguredJob = TypeVar("ConfiguredJob", TrainJob, DistillJob)

USUAL_PORT = 29500
"""accelerate's own, where a file for several machines names none."""


class Asked(msgspec.Struct, frozen=True):
    """What a file asks for."""

    launch: Launch
    on_cpu: bool
    precision: str
    """fp16 or bf16, or "" where the file leaves it to the job."""


def launch_of(options: Namespace) -> Launch:
    """Return what --processes or --accelerate-config asks for."""
    if options.accelerate_config:
        return read(Path(options.accelerate_config), options.machine_rank).launch
    return Launch(here=options.processes, count=options.processes)


def as_the_file_says(job: ConfiguredJob, options: Namespace) -> ConfiguredJob:
    """Return the job on the device and in the precision the file names, where the job itself leaves them open."""
    if not options.accelerate_config:
        return job
    asked = read(Path(options.accelerate_config), options.machine_rank)
    if asked.on_cpu and job.device == "auto":
        job = msgspec.structs.replace(job, device="cpu")
    if asked.precision and job.precision == "auto":
        job = msgspec.structs.replace(job, precision=asked.precision)
    return job


def read(file: Path, machine: int | None = None) -> Asked:
    """Read a file; `machine` is this one's number where the file of all of them does not say it.

    Raises SketchDeskError(BAD_INPUT) where it cannot be read, asks for what no training here can do, or contradicts
    itself.
    """
    from sketchdesk.engine.training.ranks import DIVIDING, divided

    found = _read(file)
    kind = str(getattr(found.distributed_type, "value", found.distributed_type))
    if kind in DIVIDING:
        raise divided()
    if not (kind == "NO" or kind.startswith("MULTI_")) or not hasattr(found, "machine_rank"):
        raise _bad(
            _("Several processes here work on processors and graphics cards (distributed_type NO, MULTI_CPU, "
              "MULTI_GPU …), not as “{kind}”.").format(kind=kind)
        )  # fmt: skip
    launch = _launch(found, found.machine_rank if machine is None else machine)
    precision = str(found.mixed_precision or "")
    on_cpu = found.use_cpu or kind == "MULTI_CPU"
    return Asked(launch, on_cpu, precision if precision in ("fp16", "bf16") else "")


def _read(file: Path) -> Any:
    from accelerate.commands.config.config_args import load_config_from_file

    require_file(file)
    try:
        return load_config_from_file(str(file))
    except Exception as error:
        text = _("“{file}” is no configuration of accelerate; `accelerate config` writes one.").format(file=file)
        raise SketchDeskError(ErrorKind.BAD_INPUT, text, f"{type(error).__name__}: {error}") from error


def _launch(found: Any, machine: int) -> Launch:
    count, machines = int(found.num_processes), int(found.num_machines)
    if count < 1:
        raise _bad(_("The accelerate file does not say how many processes there are (num_processes)."))
    if machines < 1 or count % machines:
        raise _bad(
            _("{count} processes cannot be shared out evenly among {machines} machines.").format(
                count=count, machines=machines
            )
        )
    if not 0 <= machine < machines:
        raise _bad(_("Machines are numbered from 0 to {last}.").format(last=machines - 1))
    if machines > 1 and not found.main_process_ip:
        raise _bad(_("Several machines need the address of the first in the accelerate file (main_process_ip)."))
    cards = found.gpu_ids if found.gpu_ids not in (None, "all") else ""
    here = count // machines
    return Launch(
        here=here,
        count=count,
        first=machine * here,
        address=found.main_process_ip if machines > 1 else HERE,
        port=found.main_process_port or (USUAL_PORT if machines > 1 else None),
        environment={"CUDA_VISIBLE_DEVICES": str(cards)} if cards else {},
    )


def _bad(text: str) -> SketchDeskError:
    return SketchDeskError(ErrorKind.BAD_INPUT, text)
