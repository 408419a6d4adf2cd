"""What doctor looks at that needs neither torch nor Qt: Python, packages, memory, disk, models."""

from __future__ import annotations

import platform
import shutil
import sys
import tempfile
import tomllib
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Literal

from sketchdesk.contracts.errors import SketchDeskError
from sketchdesk.contracts.text import _
from sketchdesk.library import paths
from sketchdesk.library.models.installed import SHIPPED, resolve_model
from sketchdesk.library.wording.number_words import number

State = Literal["ok", "warning", "problem"]

GIB = 2**30
LOW_MEMORY_GIB = 2.0
LOW_DISK_GIB = 2.0
OLDEST_PYTHON = (3, 11)


@dataclass(frozen=True)
class Check:
    """One thing that was looked at. A warning is worth knowing, a problem stops something from working."""

    name: str
    state: State
    found: str
    next_step: str = ""


def check_python() -> Check:
    """Look at the interpreter."""
    found = f"{platform.python_version()} ({platform.system()} {platform.machine()})"
    if sys.version_info < OLDEST_PYTHON:
        return Check("Python", "problem", found, _("Install Python 3.11 or newer."))
    return Check("Python", "ok", found)


def requirements() -> list[str]:
    """Return what SketchDesk depends on, as its metadata says, or its pyproject.toml in a checkout."""
    try:
        return metadata.requires("sketchdesk") or []
    except metadata.PackageNotFoundError:
        project = Path(__file__).resolve().parents[2] / "pyproject.toml"
        return list(tomllib.loads(project.read_text(encoding="utf-8"))["project"]["dependencies"])


def check_packages(wanted: list[str]) -> list[Check]:
    """Compare each requirement with what is installed; those of extras are left out."""
    try:
        from packaging.requirements import Requirement
    except ImportError:
        return [Check("packaging", "problem", _("not installed"), "pip install packaging")]
    checks = []
    for requirement in map(Requirement, wanted):
        if requirement.marker is not None and not requirement.marker.evaluate({"extra": ""}):
            continue
        repair = f'pip install "{requirement.name}{requirement.specifier}"'
        try:
            version = metadata.version(requirement.name)
        except metadata.PackageNotFoundError:
            checks.append(Check(requirement.name, "problem", _("not installed"), repair))
            continue
        if requirement.specifier.contains(version, prereleases=True):
            checks.append(Check(requirement.name, "ok", version))
        else:
            found = _("{version}, but {wanted} is needed").format(version=version, wanted=requirement.specifier)
            checks.append(Check(requirement.name, "problem", found, repair))
    return checks


def check_memory() -> Check:
    """Look at how much memory there is and how much of it is free."""
    try:
        import psutil
    except ImportError:
        return Check(_("memory"), "warning", _("unknown"), "pip install psutil")
    memory = psutil.virtual_memory()
    found = _("{total} GiB, {free} GiB free").format(
        total=number(memory.total / GIB, 1), free=number(memory.available / GIB, 1)
    )
    if memory.available < LOW_MEMORY_GIB * GIB:
        return Check(_("memory"), "warning", found, _("Close other programs before a long job."))
    return Check(_("memory"), "ok", found)


def check_data_folder() -> list[Check]:
    """Look whether the data folder can be written to and how much room its disk has."""
    name = _("data folder")
    try:
        folder = paths.home()
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"doctor")
        free_bytes = shutil.disk_usage(folder).free
    except (OSError, SketchDeskError) as error:
        next_step = _("Set {variable} to a folder that can be written to.").format(variable=paths.HOME_VARIABLE)
        return [Check(name, "problem", str(error), next_step)]
    room = _("{free} GiB free").format(free=number(free_bytes / GIB, 1))
    if free_bytes < LOW_DISK_GIB * GIB:
        disk = Check(_("disk"), "warning", room, _("Free some space before a long job."))
    else:
        disk = Check(_("disk"), "ok", room)
    return [Check(name, "ok", str(folder)), disk]


def check_models(names: tuple[str, ...] = SHIPPED) -> list[Check]:
    """Look whether each shipped model is there, whole and readable."""
    checks = []
    for name in names:
        try:
            checks.append(Check(name, "ok", str(resolve_model(name))))
        except SketchDeskError as error:
            found = " ".join(part for part in (error.message, error.details) if part)
            checks.append(Check(name, "problem", found, _("Install SketchDesk again.")))
    return checks
