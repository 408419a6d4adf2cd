"""The picture of pair_ablation.py: four charts of what more pairs give, in the guide's languages and both themes."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from line_charts import FONTS, Chart, Level, Line, Point, drawing

from sketchdesk.contracts.text import LANGUAGES, language, use_language
from sketchdesk.library.paths import resource
from sketchdesk.ui.theme.tokens import DARK, LIGHT

GUIDE = Path(__file__).resolve().parents[2] / "resources" / "guide" / "pictures"
NAME = "pairs"
STEP_MARKS = (0, 400, 800, 1200)
SIZES_FROM = 2
"""Their colours come after those of the steps drawn in."""

WORDS: dict[str, dict[str, str]] = {
    "en": {
        "learning": "Likeness while it learns (dB)", "likeness": "Likeness on held-out pairs (dB)",
        "named": "Named first (%)", "kid": "1000 · KID to the teacher’s pictures", "pairs": "thousand pairs",
        "step": "step", "steps": "1 step|{count} steps", "size": "{count} pairs", "teacher": "teacher, {steps}",
    },
    "es": {
        "learning": "Parecido mientras aprende (dB)", "likeness": "Parecido en parejas reservadas (dB)",
        "named": "Nombrado primero (%)", "kid": "1000 · KID a las imágenes del maestro", "pairs": "miles de parejas",
        "step": "paso", "steps": "1 paso|{count} pasos", "size": "{count} parejas", "teacher": "maestro, {steps}",
    },
    "pt": {
        "learning": "Semelhança enquanto aprende (dB)", "likeness": "Semelhança em pares reservados (dB)",
        "named": "Nomeado primeiro (%)", "kid": "1000 · KID às imagens do professor", "pairs": "milhares de pares",
        "step": "passo", "steps": "1 passo|{count} passos", "size": "{count} pares", "teacher": "professor, {steps}",
    },
}  # fmt: skip

BySteps = Mapping[int, Sequence[Point]]
"""By the steps drawn in: (pairs, value) of each size."""


class Found(NamedTuple):
    """What the picture shows."""

    learning: Mapping[int, Sequence[Point]]
    """By pairs: (step, dB) of one-step pictures."""
    likeness: BySteps
    """dB"""
    named: BySteps
    """%"""
    kid: BySteps
    """× 1000"""
    teacher_likeness: Mapping[int, float]
    teacher_named: Mapping[int, float]
    teacher_kid: Mapping[int, float]
    """The teacher's own, by the steps it draws in."""


def picture(found: Found, told_in: str, dark: bool) -> str:
    """Return the four charts as an SVG."""
    words = WORDS[told_in]
    one, several = words["steps"].split("|")

    def steps(count: int) -> str:
        return one if count == 1 else several.format(count=count)

    def by_pairs(title: str, students: BySteps, teacher: Mapping[int, float]) -> Chart:
        lines = [Line(steps(count), [(size / 1000, value) for size, value in points], place)
                 for place, (count, points) in enumerate(students.items())]  # fmt: skip
        sizes = sorted({size for line in lines for size, _value in line.points})
        levels = [Level(words["teacher"].format(steps=steps(count)), value) for count, value in teacher.items()]
        return Chart(words[title], words["pairs"], lines, levels, sizes, doubling=True)

    curves = [Line(words["size"].format(count=size), points, SIZES_FROM + place)
              for place, (size, points) in enumerate(found.learning.items())]  # fmt: skip
    looked = [each for each in curves if each.points]
    charts = [
        Chart(words["learning"], words["step"], looked, [], STEP_MARKS, doubling=False),
        by_pairs("likeness", found.likeness, found.teacher_likeness),
        by_pairs("named", found.named, found.teacher_named),
        by_pairs("kid", found.kid, found.teacher_kid),
    ]
    with told_numbers(told_in):
        return drawing([chart for chart in charts if chart.lines], DARK if dark else LIGHT)


@contextmanager
def told_numbers(told_in: str) -> Iterator[None]:
    """Write numbers as a language does while a block runs."""
    before = language()
    use_language(resource("translations"), told_in)
    try:
        yield
    finally:
        use_language(resource("translations"), before)


def draw_for_guide(found: Found, folder: Path = GUIDE) -> None:
    """Draw the guide's pictures, in its languages and both themes."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtCore import QByteArray
    from PySide6.QtGui import QGuiApplication, QImage, QPainter
    from PySide6.QtSvg import QSvgRenderer

    from sketchdesk.ui.theme import fonts

    application = QGuiApplication.instance() or QGuiApplication([])
    fonts.load()
    for told_in in LANGUAGES:
        for theme in ("light", "dark"):
            drawn = picture(found, told_in, theme == "dark").replace(FONTS, fonts.FAMILY)  # Qt reads no list of them
            renderer = QSvgRenderer(QByteArray(drawn.encode()))
            image = QImage(renderer.defaultSize(), QImage.Format.Format_RGB32)
            painter = QPainter(image)
            renderer.render(painter)
            painter.end()
            image.save(str(folder / told_in / f"{NAME}-{theme}.png"))
    del application
