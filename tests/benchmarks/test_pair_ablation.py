"""What pair_ablation.py makes of its measurements, and the picture of them."""

from __future__ import annotations

import csv
import io
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from line_charts import ticks
from one_step import Row
from pair_ablation import kept
from pair_pictures import draw_for_guide, picture
from pair_results import Judged, as_csv, found_of, learning, table

from sketchdesk.contracts.text import LANGUAGES, language
from sketchdesk.library.distillation.report import StepMarks

SVG = "{http://www.w3.org/2000/svg}"


def mark(steps: int, mse: float, psnr: float) -> StepMarks:
    return StepMarks(steps=steps, latent_mse=mse, psnr=psnr, variety=0.9)


def row(steps: int, named: float) -> Row:
    return Row(
        name="", steps=steps, named_first=named, clip_score=(1.4, 1.3, 1.5), cmmd=(0.1, 0.0, 0.2), kid_teacher=-0.0002
    )


@pytest.fixture
def judged() -> list[Judged]:
    teacher = Judged(
        pairs=None, marks=(mark(1, 2.0, 15.0), mark(4, 0.2, 20.0)), rows=tuple(row(n, n / 25) for n in (1, 4, 25))
    )
    likeness = ((0, 12.0), (400, 19.5), (1400, 18.0))
    students = [
        Judged(
            pairs=pairs, marks=(mark(1, 0.5, best), mark(4, 0.3, best + 1)), rows=(row(1, 0.8), row(4, 0.9)),
            likeness=likeness if pairs == 1000 else (),
        )
        for pairs, best in ((1000, 17.0), (4000, 18.5))
    ]  # fmt: skip
    return [teacher, *students]


def test_the_last_look_is_replaced_by_one_on_as_few_pairs() -> None:
    assert learning([(0, 12.0), (200, 15.0), (400, 30.0)], 400, 16.0) == ((0, 12.0), (200, 15.0), (400, 16.0))
    assert learning([(400, 30.0)], 400, 16.0) == ()


def test_the_table_says_gain_over_the_teacher_s_one_step_and_leaves_out_what_was_not_measured(judged) -> None:
    rows = list(csv.DictReader(io.StringIO(as_csv(table(judged)))))
    found = {(each["pairs"], each["steps"]): each for each in rows}
    assert float(found["1000", "1"]["gain"]) == pytest.approx(0.75)
    assert float(found["", "1"]["gain"]) == 0
    assert found["1000", "4"]["gain"] == ""
    assert (found["", "25"]["psnr"], found["", "25"]["named_first"]) == ("", "1.0")
    assert (found["1000", "1"]["best_step"], found["1000", "1"]["best_psnr"]) == ("400", "19.5")
    assert found["1000", "1"]["last_psnr"] == "18.0"
    assert found["4000", "1"]["best_step"] == ""
    assert float(found["4000", "1"]["kid_1000"]) == pytest.approx(-0.2)


def test_what_is_kept_is_made_once(tmp_path) -> None:
    made: list[int] = []

    def make() -> list[int]:
        made.append(1)
        return made

    assert kept(tmp_path / "a" / "part.json", list[int], make) == [1]
    assert kept(tmp_path / "a" / "part.json", list[int], make) == [1]


@pytest.mark.parametrize(
    ("low", "high"), [(17.2, 20.1), (0.0, 100.0), (-0.3, 19.3), (5.0, 5.0), (-2.0, -1.0), (0.0, 0.0)]
)
def test_ticks_hold_all_values_between_them(low: float, high: float) -> None:
    found = ticks(low, high)
    assert found[0] <= low + 1e-9
    assert found[-1] >= high - 1e-9
    assert found[0] < found[-1]
    assert len(found) <= 7


@pytest.mark.parametrize("told_in", LANGUAGES)
@pytest.mark.parametrize("dark", [False, True])
def test_the_picture_shows_every_size_within_its_frame(judged, told_in: str, dark: bool) -> None:
    drawn = ElementTree.fromstring(picture(found_of(judged), told_in, dark))
    _left, _top, width, height = map(float, drawn.get("viewBox").split())
    charts = drawn.findall(f"{SVG}g")
    assert len(charts) == 4
    for chart in charts:
        places = [(float(dot.get("cx")), float(dot.get("cy"))) for dot in chart.iter(f"{SVG}circle")]
        assert places
        assert all(0 < x < width / 2 and 0 < y < height / 2 for x, y in places)
    line = charts[1].find(f"{SVG}polyline").get("points").split()
    (fewer, less_alike), (more, more_alike) = ([*map(float, dot.split(","))] for dot in line)
    assert fewer < more
    assert more_alike < less_alike  # which is further up
    said = "".join(text.text for text in drawn.iter(f"{SVG}text"))
    assert "1000" in said
    assert ("−0,2" in said) == (told_in != "en")
    assert language() == "en"


def test_the_guide_gets_it_in_both_themes(judged, tmp_path) -> None:
    for each in LANGUAGES:
        (tmp_path / each).mkdir()
    draw_for_guide(found_of(judged), tmp_path)
    files = [tmp_path / each / f"pairs-{theme}.png" for each in LANGUAGES for theme in ("light", "dark")]
    assert len({file.read_bytes() for file in files}) == len(files)
