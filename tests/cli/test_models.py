from __future__ import annotations

import json
import shlex
import shutil
import signal
import time
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save

from sketchdesk.cli.main import build_parser
from sketchdesk.cli.models.download import command_of, job_of
from sketchdesk.library.models.notes import person_says
from sketchdesk.library.runs.runs import RunState, list_runs, status_of
from sketchdesk.library.settings import load_settings

FILES = {
    "config.json": b'{"model_type": "clip"}',
    "README.md": b"---\nlicense: mit\n---\n",
    "model.safetensors": save({"a": np.arange(400_000, dtype=np.float32)}),
}


@pytest.fixture
def environment(environment: dict[str, str], hub) -> dict[str, str]:
    """Commands ask the hub of the test."""
    hub.add("owner/clip", FILES)
    return {
        **environment, "HF_ENDPOINT": hub.endpoint, "HF_HUB_OFFLINE": "0", "HF_HUB_CACHE": "nowhere",
        "NO_PROXY": "127.0.0.1",
    }  # fmt: skip


def test_a_model_is_downloaded_listed_verified_and_removed(run, hub, home: Path) -> None:
    done = run("models", "download", "owner/clip", "--json")
    assert done.code == 0, done.err
    folder = home / "models" / "clip"
    assert done.answer["output"] == str(folder)
    assert done.answer["repo"] == "owner/clip"
    assert "Licence: openrail++" in done.err
    (entry,) = list_runs()
    assert (status_of(entry).state, entry.lane) == (RunState.DONE, "network")

    listed = run("models", "list", "--json")
    (model,) = [model for model in listed.answer["models"] if model["origin"] == "own"]
    assert model["name"] == "clip"
    assert (model["family"], model["licence"], model["precision"]) == ("clip", "mit", "fp32")
    assert model["size_bytes"] >= len(FILES["model.safetensors"])
    assert "clip" in listed.err

    verified = run("models", "verify", "clip", "--json")
    assert (verified.code, verified.answer["models"][0]["by"]) == (0, "checksums")
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"\x01")
    broken = run("models", "verify", "clip", "--json")
    assert broken.code == 1
    assert broken.answer["models"][0]["error"]["kind"] == "wrong_bytes"
    assert "model.safetensors" in broken.err

    assert run("models", "remove", "clip").code == 2  # nobody can be asked
    assert folder.is_dir()
    removed = run("models", "remove", "clip", "--yes", "--json")
    assert removed.code == 0, removed.err
    assert not folder.exists()
    assert (Path(removed.answer["trash"]) / "model.safetensors").is_file()


def test_a_killed_download_goes_on_where_it_was(start, run, hub, home: Path) -> None:
    hub.seconds_a_chunk = 0.01
    process = start("models", "download", "owner/clip")
    deadline = time.monotonic() + 60
    while hub.sent.get("model.safetensors", 0) < 300_000:
        assert time.monotonic() < deadline
        assert process.poll() is None, process.stderr.read()
        hub.go_on.wait(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not (home / "models" / "clip").exists()
    listed = run("models", "list", "--json")
    (left,) = listed.answer["unfinished"]
    assert left["name"] == "clip"
    (part,) = (home / "models" / ".downloads" / "clip").glob("*.part")
    arrived = part.stat().st_size
    assert arrived > 100_000

    hub.seconds_a_chunk = 0.0
    done = run("models", "download", "owner/clip", "--json")
    assert done.code == 0, done.err
    assert (home / "models" / "clip" / "model.safetensors").read_bytes() == FILES["model.safetensors"]
    assert hub.ranges()[-1] == f"bytes={arrived}-"
    assert run("models", "list", "--json").answer["unfinished"] == []


def test_ctrl_c_keeps_what_has_arrived_and_it_can_be_thrown_away(start, run, hub, home: Path) -> None:
    hub.seconds_a_chunk = 0.01
    process = start("models", "download", "owner/clip", "--json")
    for line in process.stderr:
        if line.startswith("downloading") and "/" in line:
            break
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert json.loads(out.splitlines()[-1])["error"]["kind"] == "canceled"
    assert "to go on: sketchdesk models download owner/clip" in err
    removed = run("models", "remove", "clip", "--yes")
    assert removed.code == 0, removed.err
    assert not (home / "models" / ".downloads").exists()


def test_the_command_that_goes_on_asks_for_the_same_again() -> None:
    given = {"mirror": "other/clip", "revision": "v1", "weights": "fp16", "file": "a b.safetensors", "name": "mine"}
    words = [word for name, value in given.items() for word in (f"--{name}", value)]
    options = build_parser().parse_args(["models", "download", "owner/clip", *words])
    command = command_of(options)
    assert job_of(build_parser().parse_args(shlex.split(command)[1:])) == job_of(options)
    assert job_of(options).repos == ("owner/clip", "other/clip")
    assert command_of(build_parser().parse_args(["models", "download", "owner/clip"])).endswith("download owner/clip")


@pytest.mark.parametrize(
    ("repo", "code", "kind"),
    [("owner/nothing", 2, "hub_not_found"), ("not a name", 2, "bad_input"), ("owner/closed", 2, "hub_gated")],
)
def test_a_model_that_cannot_be_had_is_told(run, hub, repo: str, code: int, kind: str) -> None:
    hub.refuse("/api/models/owner/closed", 401, X_Error_Code="GatedRepo")
    done = run("models", "download", repo, "--json")
    assert (done.code, done.answer["error"]["kind"]) == (code, kind)
    assert done.answer["error"]["next_step"]


def test_a_model_of_this_computer_is_copied_or_listed_where_it_lies_and_never_changed(
    run, home: Path, tmp_path: Path
) -> None:
    source = tmp_path / "theirs"
    source.mkdir()
    for name, data in FILES.items():
        (source / name).write_bytes(data)
    copied = run("models", "import", str(source), "--json")
    assert copied.code == 0, copied.err
    assert copied.answer == {"output": str(home / "models" / "theirs"), "linked": False}
    linked = run("models", "import", str(source), "--link", "--json")
    assert linked.answer == {"output": str(source), "linked": True}
    assert load_settings().model_paths == (str(source),)
    ambiguous = run("models", "remove", "theirs", "--yes", "--json")
    assert (ambiguous.code, ambiguous.answer["error"]["kind"]) == (2, "bad_input")
    removed = run("models", "remove", str(source), "--yes", "--json")
    assert (removed.code, removed.answer["trash"]) == (0, None)
    assert load_settings().model_paths == ()
    assert {path.name: path.read_bytes() for path in source.iterdir()} == FILES
    verified = run("models", "verify", "theirs", "--json")
    assert verified.answer["models"][0]["by"] == "form"


def test_what_is_no_model_is_not_imported(run, tmp_path: Path) -> None:
    (tmp_path / "junk.ckpt").write_bytes(b"junk")
    done = run("models", "import", "junk.ckpt", "--json")
    assert (done.code, done.answer["error"]["kind"]) == (2, "unsafe_weights")


def test_what_came_with_sketchdesk_stays(run) -> None:
    done = run("models", "remove", "demo-base", "--yes", "--json")
    assert (done.code, done.answer["error"]["kind"]) == (2, "bad_input")


def test_an_old_kind_of_file_is_converted_and_what_it_predicts_is_said(run, home: Path, tmp_path: Path) -> None:
    import torch

    old = tmp_path / "old.ckpt"
    torch.save({"state_dict": {"a": torch.ones(2)}}, old)
    before = old.read_bytes()
    done = run("models", "convert", str(old), "--name", "new", "--json")
    assert done.code == 0, done.err
    made = home / "models" / "new.safetensors"
    assert done.answer["output"] == str(made)
    assert old.read_bytes() == before

    assert run("models", "set", "new.safetensors", "--prediction", "v", "--json").answer["prediction"] == "v"
    assert person_says(made) == "v_prediction"
    assert run("models", "set", "new.safetensors", "--prediction", "auto").code == 0
    assert person_says(made) is None
    assert run("models", "set", "demo-base", "--prediction", "v").code == 2


def test_a_model_that_others_would_read_wrongly_is_not_exported_and_no_file_replaced(run, tmp_path: Path) -> None:
    refused = run("models", "export", "demo-base", "--single-file", "--json")
    assert refused.code == 2
    assert "cannot be one file" in refused.answer["error"]["message"]
    assert not list(tmp_path.glob("*.safetensors"))
    (tmp_path / "mine.safetensors").write_bytes(b"mine")
    assert run("models", "export", "demo-base", "--single-file", "--out", "mine.safetensors").code == 2
    assert (tmp_path / "mine.safetensors").read_bytes() == b"mine"


def test_an_instant_few_step_model_shows_the_licences_of_what_it_is_made_of(run, tiny_sd: Path, tmp_path: Path) -> None:
    cards = {
        "ink": "---\nlicense: mit\n---\n", "base": "",
        "quick": "---\nlicense: cc-by-nc-4.0\nbase_model: base\ntags:\n- sketchdesk-few-step\n---\n",
    }  # fmt: skip
    for name, card in cards.items():
        (shutil.copytree(tiny_sd, tmp_path / name) / "README.md").write_text(card)
    made = run("models", "instant", "ink", "--few", "quick", "--name", "both", "--json")
    assert made.code == 0, made.err
    assert made.answer["licences"] == {"ink": "mit", "quick": "cc-by-nc-4.0", "base": ""}
    assert "quick: licence cc-by-nc-4.0" in made.err
    (listed,) = [model for model in run("models", "list", "--json").answer["models"] if model["origin"] == "own"]
    assert (Path(listed["name"]).name, listed["licence"]) == ("both", "mit, cc-by-nc-4.0")
    assert run("models", "instant", "ink", "--few", "quick", "--name", "both", "--json").code == 2  # it is there
    assert run("models", "instant", "ink", "--few", "base", "--name", "other", "--json").code == 2  # of what base?
