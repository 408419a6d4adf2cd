"""What goes to the trash comes back; nothing is overwritten, nothing of the person's is touched, nothing is lost."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.jobs import EvaluateJob, GenerateJob, PromptRow
from sketchdesk.library.files import moving
from sketchdesk.library.images.stars import Stars
from sketchdesk.library.paths import images_dir, trash_dir
from sketchdesk.library.runs.runs import create_run
from sketchdesk.library.settings import Settings, save_settings
from sketchdesk.library.trash import trash
from sketchdesk.library.trash.trash import batches, empty_trash, move_to_trash, restore


def make(path: Path, content: bytes = b"picture") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


@pytest.fixture
def images(home: Path) -> list[Path]:
    return [make(images_dir() / "sub" / f"{name}.png", name.encode()) for name in "abc"]


def contents(paths: list[Path]) -> list[bytes]:
    return [path.read_bytes() for path in paths]


def test_images_go_and_come_back_to_their_places(images):
    os.utime(images[0], (1_000, 1_000))
    batch = move_to_trash(images)
    assert [image.original for image in batch.images] == images
    assert not any(path.exists() for path in images)
    assert batch.size_bytes == 3
    assert list(restore(batch).values()) == images
    assert contents(images) == [b"a", b"b", b"c"]
    assert images[0].stat().st_mtime == 1_000
    assert list(trash_dir().iterdir()) == []


def test_the_folder_they_were_in_may_be_gone(images):
    batch = move_to_trash(images)
    images[0].parent.rmdir()
    assert contents(list(restore(batch).values())) == [b"a", b"b", b"c"]


def test_nothing_is_overwritten_when_they_come_back(images):
    batch = move_to_trash(images[:1])
    make(images[0], b"new")
    make(images[0].with_name("a (2).png"), b"newer")
    (back,) = restore(batch).values()
    assert back == images[0].with_name("a (3).png")
    assert contents([images[0], back]) == [b"new", b"a"]


def test_the_star_goes_to_the_trash_with_its_image_and_comes_back_with_it_also_under_another_name(images):
    Stars.load().toggle(images[:2])
    batch = move_to_trash(images)
    assert Stars.load().paths.isdisjoint(images)
    make(images[0], b"new")
    back = restore(batch)
    assert Stars.load().paths == {back[images[0]], images[1]}
    assert back[images[0]] != images[0]


def test_the_trash_is_found_again_by_a_later_window_the_last_moved_first(images):
    first = move_to_trash(images[:1])
    second = move_to_trash(images[1:])
    found = batches()
    assert found == [second, first]
    restore(second)
    assert batches() == [first]


def test_what_is_gone_already_is_left_out_and_nothing_makes_no_batch(images):
    images[1].unlink()
    batch = move_to_trash([*images, images[0]])
    assert [image.original for image in batch.images] == [images[0], images[2]]
    assert move_to_trash(images).images == ()
    assert batches() == [batch]
    assert restore(move_to_trash([])) == {}


def test_a_batch_that_was_brought_back_already_brings_nothing(images):
    batch = move_to_trash(images)
    restore(batch)
    assert restore(batch) == {}
    assert contents(images) == [b"a", b"b", b"c"]


def test_files_of_the_person_stay_where_they_are(images, tmp_path):
    photo = make(tmp_path / "photos" / "holiday.png")
    text = make(images_dir() / "notes.txt")
    for strange in (photo, text):
        with pytest.raises(SketchDeskError) as caught:
            move_to_trash([images[0], strange])
        assert caught.value.kind is ErrorKind.BAD_INPUT
        assert str(strange) in caught.value.message
    assert photo.exists() and text.exists() and images[0].exists()
    assert batches() == []


def test_a_folder_that_is_named_may_be_taken_from(tmp_path):
    photo = make(tmp_path / "photos" / "holiday.png")
    batch = move_to_trash([photo], folders=[photo.parent])
    assert not photo.exists()
    restore(batch)
    assert photo.exists()


def test_the_chosen_images_folder_and_those_runs_draw_into_are_ours_but_not_what_they_only_scored(tmp_path):
    chosen, drawn, scored = (make(tmp_path / name / "a.png") for name in ("chosen", "drawn", "scored"))
    save_settings(Settings(images_dir=str(chosen.parent)))
    create_run(GenerateJob(model="m", prompts=(PromptRow(prompt="x"),), out_dir=str(drawn.parent)))
    create_run(EvaluateJob(images_dir=str(scored.parent), out_dir=str(scored.parent)))
    assert len(move_to_trash([chosen, drawn]).images) == 2
    with pytest.raises(SketchDeskError):
        move_to_trash([scored])


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_of_a_link_the_link_is_moved_and_a_way_out_through_a_linked_folder_is_none(tmp_path, home):
    photo = make(tmp_path / "photos" / "holiday.png")
    images_dir().mkdir(parents=True)
    (images_dir() / "link.png").symlink_to(photo)
    (images_dir() / "folder").symlink_to(photo.parent)
    batch = move_to_trash([images_dir() / "link.png"])
    assert photo.exists()
    restore(batch)
    assert (images_dir() / "link.png").is_symlink()
    with pytest.raises(SketchDeskError):
        move_to_trash([images_dir() / "folder" / "holiday.png"])


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has names that are not text")
def test_a_file_name_that_is_not_text_comes_back(home):
    odd = make(images_dir() / "odd-\udcff.png")
    move_to_trash([odd])
    (batch,) = batches()
    assert restore(batch) == {odd: odd}


def test_a_failure_in_the_middle_leaves_everything_where_it_was(images, monkeypatch):
    replace = Path.replace

    def refusing(source: Path, target: Path) -> Path:
        if source == images[2]:
            raise PermissionError(errno.EACCES, "Permission denied")
        return replace(source, target)

    monkeypatch.setattr(Path, "replace", refusing)
    with pytest.raises(SketchDeskError) as caught:
        move_to_trash(images)
    assert (caught.value.kind, caught.value.what) == (ErrorKind.NOT_WRITABLE, str(images[2]))
    assert contents(images) == [b"a", b"b", b"c"]
    assert batches() == []


def test_a_crash_in_the_middle_leaves_each_where_it_was_or_in_a_batch(images):
    code = (
        "import os, sys; from pathlib import Path; from sketchdesk.library.trash.trash import move_to_trash\n"
        "replace = Path.replace\n"
        "def dying(source, target):\n"
        "    if source.name == 'b.png': os._exit(9)\n"
        "    return replace(source, target)\n"
        "Path.replace = dying\n"
        "move_to_trash(map(Path, sys.argv[1:]))\n"
    )
    done = subprocess.run([sys.executable, "-c", code, *map(str, images)], check=False)
    assert done.returncode == 9
    (batch,) = batches()
    assert [image.original for image in batch.images] == [images[0]]
    restore(batch)
    assert contents(images) == [b"a", b"b", b"c"]


def test_batches_of_one_second_are_told_in_their_order(images):
    moved = [move_to_trash([image]).folder for image in images]
    moved += [move_to_trash([make(images_dir() / f"{number}.png")]).folder for number in range(5)]
    assert [batch.folder for batch in batches()] == moved[::-1]


def test_only_our_batches_are_deleted_for_good(images, home):
    strange = make(trash_dir() / "models" / "kept.safetensors")
    outside = make(home / "outside" / "images.json", b"{}")
    first = move_to_trash(images[:2])
    move_to_trash(images[2:])
    assert empty_trash([first]) == 2
    assert empty_trash() == 1
    assert batches() == []
    assert empty_trash([trash.TrashBatch(folder=outside.parent, moved="", images=())]) == 0
    assert strange.exists() and outside.exists()


@pytest.mark.parametrize("manifest", [b"", b"[]", b'{"files": [{}]}', b'{"files": 3, "moved": ""}', b"\xff"])
def test_a_manifest_that_is_none_is_passed_over(images, manifest):
    batch = move_to_trash(images)
    (batch.folder / trash.MANIFEST).write_bytes(manifest)
    assert batches() == []


def test_a_manifest_cannot_name_files_outside_its_folder(images, home):
    secret = make(home / "settings.json", b"{}")
    batch = move_to_trash(images)
    manifest = batch.folder / trash.MANIFEST
    manifest.write_text(manifest.read_text().replace("00000.png", "../../settings.json"))
    restore(batches()[0])
    assert secret.read_bytes() == b"{}"


class TestOtherDisk:
    """A move to another disk is a copy that is compared before the source goes."""

    @pytest.fixture(autouse=True)
    def other_disk(self, monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
        """Let the trash lie on another disk than the images, as the system would say it."""
        replace = Path.replace

        def across(source: Path, target: Path) -> Path:
            if source.is_relative_to(trash_dir()) != Path(target).is_relative_to(trash_dir()):
                raise OSError(errno.EXDEV, "Invalid cross-device link")
            return replace(source, target)

        monkeypatch.setattr(Path, "replace", across)

    def test_images_go_and_come_back(self, images):
        os.utime(images[0], (1_000, 1_000))
        batch = move_to_trash(images)
        assert not any(path.exists() for path in images)
        restore(batch)
        assert contents(images) == [b"a", b"b", b"c"]
        assert images[0].stat().st_mtime == 1_000

    def test_a_copy_that_differs_is_refused(self, images, monkeypatch):
        monkeypatch.setattr(moving.shutil, "copy2", lambda _source, target: Path(target).write_bytes(b"?"))
        with pytest.raises(SketchDeskError) as caught:
            move_to_trash(images)
        assert caught.value.kind is ErrorKind.NOT_WRITABLE
        assert contents(images) == [b"a", b"b", b"c"]
        assert batches() == []

    def test_a_full_disk_is_told_and_the_images_stay(self, images, monkeypatch):
        def full(_source: Path, target: Path) -> None:
            Path(target).write_bytes(b"half")
            raise OSError(errno.ENOSPC, "No space left on device")

        monkeypatch.setattr(moving.shutil, "copy2", full)
        with pytest.raises(SketchDeskError) as caught:
            move_to_trash(images)
        assert caught.value.kind is ErrorKind.DISK_FULL
        assert contents(images) == [b"a", b"b", b"c"]
        assert batches() == []
