"""`sketchdesk doctor`: what is installed, what works here, what is missing and what to do about it."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import asdict

import msgspec

from sketchdesk import __version__
from sketchdesk.cli import health
from sketchdesk.cli.console import Console
from sketchdesk.cli.exit_codes import ExitCode
from sketchdesk.cli.health import Check
from sketchdesk.cli.parser import Parser
from sketchdesk.contracts.events import DeviceFound
from sketchdesk.contracts.jobs import ProbeJob
from sketchdesk.contracts.text import N_, _
from sketchdesk.library.wording.number_words import number

MARKS = {"ok": N_("ok"), "warning": N_("note"), "problem": N_("MEND")}

HELP = N_("say what works here and what is missing")
DESCRIPTION = N_(
    "Look at the installation, the devices and their precisions, memory, disk and the shipped models."
)


def configure(_parser: Parser) -> None:
    """Add the command's arguments: it has none of its own."""


def run(_options: Namespace, console: Console) -> ExitCode:
    """Look at everything, tell it, and end well only if nothing must be mended."""
    devices, device_check = probe(console)
    checks = [
        health.check_python(),
        *health.check_packages(health.requirements()),
        _check_qt(),
        device_check,
        health.check_memory(),
        *health.check_data_folder(),
        *health.check_models(),
    ]
    width = max(len(check.name) for check in checks)
    for check in checks:
        console.show(f"{_(MARKS[check.state]):<5} {check.name:<{width}}  {check.found}".rstrip())
        if check.next_step:
            console.show(f"{'':<5} {'':<{width}}  → {check.next_step}")
    ok = all(check.state != "problem" for check in checks)
    console.say(_("Everything needed is here.") if ok else _("Some things must be mended; the arrows say how."))
    console.answer({
        "ok": ok,
        "version": __version__,
        "checks": [asdict(check) for check in checks],
        "devices": [_described(device) for device in devices],
    })
    return ExitCode.DONE if ok else ExitCode.FAILED


def probe(console: Console) -> tuple[list[DeviceFound], Check]:
    """Let the engine compute something small on every device in every precision."""
    from sketchdesk.cli.follow import follow
    from sketchdesk.engine.session import run_job

    ended, record = follow(lambda reporter: run_job(ProbeJob(), reporter), console)
    if ended.state == "canceled":
        raise KeyboardInterrupt
    if ended.state == "failed":
        return [], Check(_("devices"), "problem", ended.message, ended.next_step)
    found = "; ".join(
        _("{device} ({name}, {memory} GiB): {precisions}").format(
            device=one.device, name=one.name, memory=number(one.memory_gib, 1), precisions=", ".join(one.precisions)
        )
        for one in record.devices
    )
    return record.devices, Check(_("devices"), "ok", found)


def _check_qt() -> Check:
    from sketchdesk.cli.qt_health import check_qt

    return check_qt()


def _described(device: DeviceFound) -> dict[str, object]:
    """Return a device as the JSON answer lists it."""
    values: dict[str, object] = msgspec.to_builtins(device)
    return {name: value for name, value in values.items() if name not in ("type", "job_id", "time_s")}
