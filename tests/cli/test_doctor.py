from __future__ import annotations

WITHOUT_TORCH = """
import sys
sys.modules["torch"] = None
from sketchdesk.entry import main
sys.exit(main(["doctor", "--json"]))
"""


def test_doctor_looks_at_everything_and_ends_well_only_if_nothing_must_be_mended(run) -> None:
    done = run("doctor", "--json")
    checks = {check["name"]: check for check in done.answer["checks"]}
    assert {"Python", "torch", "Qt", "devices", "memory", "data folder", "disk"} <= set(checks)
    assert "pyside6-essentials" in {name.lower() for name in checks}  # a wheel names its requirements in lower case
    assert {"demo-base", "demo-clip", "demo-blip"} <= set(checks)
    problems = [check for check in checks.values() if check["state"] == "problem"]
    assert done.answer["ok"] == (not problems)
    assert done.code == (1 if problems else 0)
    assert all(check["next_step"] for check in problems)
    (cpu,) = [device for device in done.answer["devices"] if device["device"] == "cpu"]
    assert "fp32" in cpu["precisions"]
    assert cpu["memory_gib"] > 0
    for check in checks.values():
        assert check["name"] in done.err
        assert check["found"] in done.err


def test_doctor_goes_on_without_torch(run_process) -> None:
    done = run_process("-c", WITHOUT_TORCH, command=())
    assert done.code == 1
    (devices,) = [check for check in done.answer["checks"] if check["name"] == "devices"]
    assert devices["state"] == "problem"
    assert devices["next_step"]
    assert done.answer["devices"] == []
