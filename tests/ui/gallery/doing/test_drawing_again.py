"""Pictures appear as they are drawn, can be made again, and give their settings back."""

from __future__ import annotations

from pathlib import Path

from PIL import Image
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent

from sketchdesk.contracts.events import ScoreReady
from sketchdesk.contracts.jobs import GenerateJob, PromptRow
from sketchdesk.library.images.metadata import ImageRecord
from sketchdesk.library.paths import images_dir

KEY, LEFT = Qt.Key, Qt.MouseButton.LeftButton


def before_the_only_picture(qtbot, open_gallery):
    """Return somebody who looks at the one picture there is."""
    person = open_gallery()
    qtbot.waitUntil(lambda: len(person.shown()) == 1)
    person.picks(0)
    return person


def test_pictures_appear_while_they_are_drawn_and_their_scores_after(qtbot, open_gallery):
    person = open_gallery()
    tab = person.tab
    job = GenerateJob(model="m", prompts=(PromptRow(prompt="a fox"),), out_dir=str(images_dir()), count=3)
    job_id = tab._opened._runner.submit(job)
    qtbot.waitUntil(lambda: len(person.shown()) == 3, timeout=20_000)
    path = images_dir() / "1.png"
    tab._opened._runner.score_ready.emit(
        ScoreReady(job_id=job_id, path=str(path), prompt="a fox", values={"cosine": 0.345}, caption="a fox indeed")
    )
    qtbot.waitUntil(lambda: any(image.scores for row in range(3) if (image := tab.cells.image_at(row))))
    person.picks([path.name for path in person.shown()].index("1.png"))
    qtbot.waitUntil(lambda: ("CLIP", "0.345") in tab.inspector._facts.facts())
    assert ("Caption", "“a fox indeed”") in tab.inspector._facts.facts()


def test_make_again_asks_for_the_same_batch(qtbot, open_gallery, pictures):
    person = open_gallery()
    tab = person.tab
    person.sees(pictures)
    person.picks(1)
    with qtbot.waitSignal(tab.draw_requested) as wished:
        person.presses("inspector_again_button")
    (job,) = wished.args[0]
    assert isinstance(job, GenerateJob)
    assert (job.model, job.prompts, job.out_dir) == (
        "demo-base", (PromptRow(prompt="a zebra", seed=2, count=1),), str(images_dir()),
    )  # fmt: skip
    tab.grid.setFocus()
    with qtbot.waitSignal(tab.draw_requested):
        qtbot.keyClick(tab.grid, KEY.Key_R)


def test_of_a_batch_only_what_is_selected_is_kept_and_that_is_said(qtbot, open_gallery, draw, record):
    for place, seed in enumerate((7, 8, 9)):
        batch = {"batch_size": 3, "batch_index": place, "batch_seeds": (7, 8, 9)}
        draw(f"{place}.png", record("a fox", seed, **batch), age_s=place)
    person = open_gallery()
    tab = person.tab
    qtbot.waitUntil(lambda: len(person.shown()) == 3)
    for rows, kept, said in (((1,), (1,), "2 more pictures"), ((0, 2), (0, 2), "1 more picture ")):
        person.picks(*rows)
        with qtbot.waitSignal(tab.draw_requested) as wished:
            tab.chosen.make_again()
        (job,) = wished.args[0]
        assert [row.seed for row in job.prompts] == [7, 8, 9]
        assert job.kept == kept
        assert said in person.told[-1].text


def test_a_picture_that_cannot_be_made_again_says_why(qtbot, open_gallery, draw, record):
    draw("foreign.png", record(sampler="dream_weaver"))
    person = before_the_only_picture(qtbot, open_gallery)
    tab = person.tab
    with qtbot.assertNotEmitted(tab.draw_requested):
        tab.chosen.make_again()
        qtbot.waitUntil(lambda: bool(person.told))
    assert "dream_weaver" in person.told[-1].text


def test_a_picture_whose_source_changed_is_drawn_only_when_insisted(qtbot, open_gallery, draw, record, tmp_path):
    source = tmp_path / "start.png"
    source.write_bytes(b"another picture now")
    draw("a.png", record(init_image=str(source), init_hash="0" * 64, strength=0.5))
    person = before_the_only_picture(qtbot, open_gallery)
    tab = person.tab
    with qtbot.assertNotEmitted(tab.draw_requested):
        tab.chosen.make_again()
        qtbot.waitUntil(lambda: bool(person.told))
    assert (person.told[-1].level, "start.png" in person.told[-1].text) == ("warning", True)
    with qtbot.waitSignal(tab.draw_requested) as wished:
        person.told[-1].action()
    assert wished.args[0][0].init_image == str(source)


def test_a_picture_of_a_pickled_model_asks_before_it_is_read_again(qtbot, open_gallery, draw, record, tmp_path):
    model = tmp_path / "old.ckpt"
    model.write_bytes(b"a pickle")
    draw("a.png", record(model=str(model), model_hash="0" * 64))
    person = before_the_only_picture(qtbot, open_gallery)
    tab = person.tab
    with qtbot.assertNotEmitted(tab.draw_requested):
        tab.chosen.make_again()
        qtbot.waitUntil(lambda: len(person.told) == 1)
        assert "can run code" in person.told[-1].text
        person.told[-1].action()
        qtbot.waitUntil(lambda: len(person.told) == 2)  # and it is not what it was, which is another question
        assert "old" in person.told[-1].text
    with qtbot.waitSignal(tab.draw_requested) as wished:
        person.told[-1].action()
    assert wished.args[0][0].allow_pickle


def test_keys_recall_all_the_prompt_or_the_seed(qtbot, open_gallery, pictures):
    person = open_gallery()
    tab = person.tab
    person.sees(pictures)
    person.picks(3)
    for key, signal in ((KEY.Key_A, tab.settings_requested), (KEY.Key_P, tab.prompt_requested)):
        with qtbot.waitSignal(signal) as wished:
            qtbot.keyClick(tab.grid, key)
        assert isinstance(wished.args[0], ImageRecord)
        assert wished.args[0].prompt == "a castle"
    with qtbot.waitSignal(tab.seed_requested) as wished:
        qtbot.keyClick(tab.grid, KEY.Key_S)
    assert wished.args == [2]


def test_an_image_dropped_here_gives_its_settings_and_one_without_says_so(qtbot, open_gallery, pictures, tmp_path):
    person = open_gallery()
    tab = person.tab
    bare = tmp_path / "holiday.png"
    Image.new("RGB", (8, 8)).save(bare)

    def drop(*paths: Path) -> None:
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
        tab.grid.dropEvent(
            QDropEvent(QPointF(5, 5), Qt.DropAction.CopyAction, data, LEFT, Qt.KeyboardModifier.NoModifier)
        )

    with qtbot.waitSignal(tab.settings_requested) as wished:
        drop(bare, pictures[2])
    assert wished.args[0].prompt == "a castle"
    drop(bare)
    qtbot.waitUntil(lambda: bool(person.told) and "does not say" in person.told[-1].text)
