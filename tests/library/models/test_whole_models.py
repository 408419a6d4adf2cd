"""A folder that takes parts from a shipped model is whole wherever it is used, and follows what both become."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from sketchdesk.library.models import whole_models
from sketchdesk.library.models.own_models import copy_model
from sketchdesk.library.models.whole_models import FOLDER, NOTE, whole, write_base
from sketchdesk.library.paths import cache_dir, models_dir

VAE = "vae/scheduler_config.json"


def part(folder: Path, name: str, content: str) -> None:
    (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / name / "scheduler_config.json").write_text(content)


@pytest.fixture
def base(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A shipped model of three parts."""
    monkeypatch.setattr(whole_models, "SHIPPED", ("base",))
    for name in ("scheduler", "vae", "tokenizer"):
        part(models_dir() / "base", name, '{"of": "base"}')
    (models_dir() / "base" / "model_index.json").write_text('{"of": "base"}')
    return models_dir() / "base"


@pytest.fixture
def own(base: Path, tmp_path: Path) -> Path:
    """A model that has a scheduler of its own, and no more."""
    folder = tmp_path / "own"
    part(folder, "scheduler", '{"of": "own"}')
    (folder / "model_index.json").write_text('{"_class_name": "P", "scheduler": ["a", "B"], "vae": ["a", "C"]}')
    (folder / "README.md").write_text("own")
    write_base(folder, "base")
    return folder


def told(folder: Path, name: str) -> str:
    return (folder / name / "scheduler_config.json").read_text()


def test_its_own_parts_come_first_and_the_rest_from_the_other(own: Path, base: Path) -> None:
    made = whole(own)
    assert made.name == "own"
    assert (told(made, "scheduler"), told(made, "vae")) == ('{"of": "own"}', '{"of": "base"}')
    assert (made / "README.md").read_text() == "own"
    assert not (made / NOTE).exists()
    assert (made / VAE).samefile(base / VAE)
    assert whole(own) == made
    assert whole(made) == made


def test_it_follows_what_either_becomes_and_leaves_nothing_behind(own: Path, base: Path) -> None:
    before = whole(own)
    (base / "vae" / "scheduler_config.json").unlink()
    part(base, "vae", '{"of": "a newer base"}')
    after = whole(own)
    assert told(after, "vae") == '{"of": "a newer base"}'
    assert not before.exists()
    assert len(list((cache_dir() / FOLDER).glob("*/*/own"))) == 1


def test_a_copy_among_the_models_is_whole(own: Path) -> None:
    made = copy_model(own, lambda _fraction: None, lambda: False)
    assert told(made, "vae") == '{"of": "base"}'
    assert whole(made) == made


def test_where_files_cannot_be_linked_they_are_copied(
    own: Path, base: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_names: object) -> None:
        raise OSError

    monkeypatch.setattr(whole_models.os, "link", refuse)
    monkeypatch.setattr(whole_models.os, "symlink", refuse)
    made = whole(own)
    assert told(made, "vae") == '{"of": "base"}'
    assert not (made / VAE).samefile(base / VAE)


@pytest.mark.parametrize("note", ['{"base": "../../etc"}', '{"base": 1}', "not json", '{"base": "gone"}'])
def test_a_note_that_names_no_shipped_model_changes_nothing(own: Path, note: str) -> None:
    (own / NOTE).write_text(note)
    assert whole(own) == own


def test_many_that_ask_at_the_same_time_all_get_it_whole(own: Path) -> None:
    start = Barrier(8)

    def asked() -> tuple[Path, bool]:
        start.wait(10)
        made = whole(own)
        return made, (made / VAE).is_file()

    with ThreadPoolExecutor(8) as pool:
        told = [each.result(timeout=10) for each in [pool.submit(asked) for _ in range(8)]]
    assert len(set(told)) == 1
    assert told[0][1]
    assert [found.name for found in told[0][0].parent.parent.iterdir()] == [told[0][0].parent.name]
