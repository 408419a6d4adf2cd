"""The index knows what runs, tables of scores and stars tell, and a rebuilt one knows it all again."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image

from sketchdesk.contracts.events import ImageSaved, JobEnded, ScoreReady, StepDone
from sketchdesk.contracts.jobs import EvaluateJob, GenerateJob, PromptRow
from sketchdesk.library.images.metadata import ImageRecord, save_png
from sketchdesk.library.images.stars import Stars
from sketchdesk.library.index.index import TELL_EVERY, ImageIndex, Query
from sketchdesk.library.index.sources import key_of, look_through, path_of, told_by_run
from sketchdesk.library.paths import images_dir, index_file, thumbnails_dir, trash_dir
from sketchdesk.library.runs.events import EVENTS_FILE, append_event
from sketchdesk.library.runs.runs import Run, create_run
from sketchdesk.library.trash.trash import move_to_trash, restore


def draw(path: Path, prompt: str = "a zebra") -> Path:
    record = ImageRecord(
        prompt=prompt, seed=1, num_inference_steps=2, guidance_scale=None, sampler="", width=4, height=4, model="m"
    )
    save_png(Image.new("RGB", (4, 4)), path, record)
    return path


def drawing_run(out: Path, title: str) -> Run:
    return create_run(GenerateJob(model="m", prompts=(PromptRow(prompt="x"),), out_dir=str(out)), title)


def saved(path: Path, time_s: float = 1.0) -> ImageSaved:
    return ImageSaved(path=str(path), prompt="x", seed=1, width=4, height=4, seconds=1.0, time_s=time_s)


def scored(path: Path, cosine: float, time_s: float = 2.0, caption: str | None = None) -> ScoreReady:
    return ScoreReady(path=str(path), prompt="x", values={"cosine": cosine}, caption=caption, time_s=time_s)


@pytest.fixture
def index(tmp_path: Path) -> Iterator[ImageIndex]:
    with ImageIndex(tmp_path / "index.sqlite3", [images_dir()]) as opened:
        yield opened


def test_the_images_of_a_run_are_found_wherever_they_lie_with_run_scores_and_caption(index, tmp_path):
    path = draw(tmp_path / "elsewhere" / "a.png")
    run = drawing_run(path.parent, "Zebras")
    for event in (saved(path), StepDone(step=1, total=1), scored(path, 0.3, caption="a horse")):
        append_event(run.folder, event)
    assert index.refresh() == 1
    image = index.find(path)
    assert (image.run, image.scores, image.caption) == ("Zebras", {"cosine": 0.3}, "a horse")
    assert index.runs() == [("Zebras", 1)]
    assert list(index.ids(Query(run="Zebras", min_score=0.2))) == [image.id]


def test_events_are_read_on_from_where_they_were_read_to(index, tmp_path):
    path = draw(tmp_path / "elsewhere" / "a.png")
    run = drawing_run(path.parent, "Zebras")
    append_event(run.folder, saved(path))
    index.refresh()
    index.set_scores(path, {"mine": 1.0})
    with (run.folder / EVENTS_FILE).open("ab") as file:
        file.write(b'{"type":"ScoreReady","path":')  # half a line: still being written
    assert index.refresh() == 0
    assert index.find(path).scores == {"mine": 1.0}
    append_event(run.folder, scored(path, 0.4))  # begins a new line
    index.refresh()
    assert index.find(path).scores == {"mine": 1.0, "cosine": 0.4}


def test_a_log_that_became_shorter_is_read_from_its_beginning(tmp_path):
    path = tmp_path / "a.png"
    run = drawing_run(tmp_path, "Zebras")
    for _number in range(3):
        append_event(run.folder, saved(path))
    told, position = told_by_run(run.folder, 0)
    assert len(told) == 3
    (run.folder / EVENTS_FILE).unlink()
    append_event(run.folder, saved(path))
    told, position = told_by_run(run.folder, position)
    assert (len(told), told_by_run(run.folder, position)) == (1, ([], position))


def test_of_two_scores_the_later_one_holds_whichever_run_is_read_first(index):
    path = draw(images_dir() / "a.png")
    for cosine, time_s in ((0.9, 20.0), (0.1, 10.0)):
        run = create_run(EvaluateJob(images_dir=str(images_dir()), out_dir="x"))
        append_event(run.folder, scored(path, cosine, time_s))
    index.refresh()
    assert index.find(path).scores == {"cosine": 0.9}


def test_images_that_were_only_scored_are_not_taken_in(index, tmp_path):
    path = draw(tmp_path / "photos" / "mine.png")
    run = create_run(EvaluateJob(images_dir=str(path.parent), out_dir="x"))
    append_event(run.folder, scored(path, 0.5))
    index.refresh()
    assert index.count(Query()) == 0


def test_broken_runs_and_lines_are_passed_over(index, tmp_path):
    path = draw(tmp_path / "elsewhere" / "a.png")
    run = drawing_run(path.parent, "Zebras")
    (run.folder / EVENTS_FILE).write_bytes(b'\xff "ImageSaved" \n{"type":"ImageSaved","path":1}\n')
    append_event(run.folder, saved(path))
    append_event(run.folder, JobEnded(state="done"))
    (run.folder / "job.json").write_text("{}")
    index.refresh()
    assert index.find(path).run == run.folder.name


def test_a_table_of_scores_among_the_images_or_beside_their_folder_is_read_again_when_it_changes(index, home):
    path = draw(images_dir() / "sub" / "a.png")
    (home / "scores.csv").write_text("prompt,file,cosine,caption\nx,images/sub/a.png,0.25,'=a horse\n")
    index.refresh()
    assert (index.find(path).scores, index.find(path).caption) == ({"cosine": 0.25}, "=a horse")
    (images_dir() / "sub" / "scores.csv").write_text("file,cosine\na.png,0.75\nnone.png,\n")
    index.refresh()
    assert index.find(path).scores == {"cosine": 0.75}


def test_a_table_that_is_none_tells_nothing(index):
    path = draw(images_dir() / "a.png")
    (images_dir() / "scores.csv").write_bytes(b"file,cosine\na.png,many\n\xff")
    index.refresh()
    assert index.find(path).scores == {}


def test_stars_are_taken_in_from_their_file_and_when_told(index):
    paths = [draw(images_dir() / f"{name}.png") for name in "ab"]
    stars = Stars.load()
    stars.toggle([paths[0], images_dir() / "later.png"])
    index.refresh()
    assert [image.path for image in index.images(index.ids(Query(starred=True)))] == [paths[0]]
    assert index.find(paths[0]).starred
    index.add_image(draw(images_dir() / "later.png"))
    assert index.count(Query(starred=True)) == 2
    stars.toggle([paths[0]])
    index.mirror_stars(stars.paths)
    assert not index.find(paths[0]).starred
    assert index.count(Query(starred=True)) == 1


def test_a_deleted_index_knows_everything_again(tmp_path):
    path = draw(tmp_path / "elsewhere" / "a.png")
    run = drawing_run(path.parent, "Zebras")
    append_event(run.folder, saved(path))
    append_event(run.folder, scored(path, 0.4, caption="a horse"))
    Stars.load().toggle([path])
    known = []
    for name in ("one.sqlite3", "two.sqlite3"):
        with ImageIndex(tmp_path / name, [images_dir()]) as index:
            index.refresh()
            known.append(index.find(path))
            assert index.rebuild() == 1
            assert index.find(path).id > known[-1].id
    assert known[0] == known[1]


def test_what_came_back_under_another_name_keeps_its_star_run_score_and_caption_and_the_new_image_has_none(
    index, tmp_path
):
    path = draw(images_dir() / "a.png")
    run = drawing_run(path.parent, "Zebras")
    append_event(run.folder, saved(path))
    append_event(run.folder, scored(path, 0.4, caption="a horse"))
    Stars.load().toggle([path])
    index.refresh()
    batch = move_to_trash([path])
    index.add_images([path])
    draw(path)
    again = drawing_run(path.parent, "Again")
    append_event(again.folder, saved(path, time_s=time.time() + 1))
    index.refresh()
    newer = index.find(path)
    assert (newer.starred, newer.run, newer.scores, newer.caption) == (False, "Again", {}, "")
    back = restore(batch)
    index.mirror_stars(Stars.load().paths)
    index.add_renamed(back)
    with ImageIndex(tmp_path / "rebuilt.sqlite3", [images_dir()]) as rebuilt:
        rebuilt.refresh()
        for one in (index, rebuilt):
            image = one.find(back[path])
            assert (image.starred, image.run, image.caption) == (True, "Zebras", "a horse")
            assert image.scores == {"cosine": 0.4}
            assert list(one.ids(Query(run="Zebras", min_score=0.3, starred=True))) == [image.id]
            assert (one.find(path).run, one.find(path).scores) == ("Again", {})


def test_the_trash_the_thumbnails_and_what_is_hidden_are_not_looked_through(home):
    seen = draw(home / "images" / "a.png")
    for folder in (trash_dir() / "batch", thumbnails_dir() / "xx", home / ".hidden"):
        draw(folder / "b.png")
    draw(home / ".c.png")
    found = look_through([home], (trash_dir(), thumbnails_dir()))
    assert [path_of(key) for key in found.images] == [seen]


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_a_link_that_leads_in_a_circle_or_nowhere_is_passed_over(home):
    seen = draw(home / "images" / "a.png")
    (home / "images" / "circle").symlink_to(home / "images")
    (home / "images" / "nowhere.png").symlink_to(home / "gone.png")
    assert list(look_through([images_dir()]).images) == [key_of(seen)]


def test_refreshing_can_be_watched_and_stopped(index):
    for number in range(3):
        draw(images_dir() / f"{number}.png")
    heard = []
    index.refresh(lambda done, total: heard.append((done, total)))
    assert (heard[0], heard[-1]) == ((0, 0), (3, 3))


def test_what_was_read_when_it_is_stopped_stays_and_the_next_time_goes_on(index):
    for number in range(TELL_EVERY + 5):
        draw(images_dir() / f"{number}.png")

    def stop_at(least: int) -> Callable[[int, int], None]:
        def stop(done: int, total: int) -> None:
            if done >= least and total:
                raise KeyboardInterrupt

        return stop

    with pytest.raises(KeyboardInterrupt):
        index.refresh(stop_at(1))
    assert len(index.ids(Query())) == TELL_EVERY
    assert index.refresh() == 5
    assert len(index.ids(Query())) == TELL_EVERY + 5
    with pytest.raises(KeyboardInterrupt):
        index.rebuild(stop_at(0))
    assert index.refresh() == TELL_EVERY + 5


def test_stopping_while_it_is_looked_what_there_is(index):
    draw(images_dir() / "a.png")

    def stop(_done: int, _total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        index.refresh(stop)
    assert index.refresh() == 1


def test_a_folder_that_is_left_takes_its_images_along_and_no_others(home):
    elsewhere, beside = home / "elsewhere", home / "elsewhere-too"
    gone, kept = draw(elsewhere / "deep" / "a.png"), draw(beside / "b.png")
    with ImageIndex(index_file(), [images_dir(), elsewhere, beside]) as index:
        index.refresh()
        index.leave(elsewhere)
        assert (index.find(gone), index.find(kept).path) == (None, kept)
    assert gone.is_file()
