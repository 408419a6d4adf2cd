"""All pictures of one prompt: a row a seed, a column a model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from sketchdesk.contracts.text import _
from sketchdesk.library.evaluation.finding_words import model_name
from sketchdesk.library.evaluation.studies import Study, StudyImage, VariantFindings
from sketchdesk.library.wording.number_words import number

IMAGE_ROLE = Qt.ItemDataRole.UserRole
"""The StudyImage of a cell, None where the model has none at this seed."""
FILE_ROLE = Qt.ItemDataRole.UserRole + 1
GAIN_ROLE = Qt.ItemDataRole.UserRole + 2
"""In the second model's cells: by how much its cosine is higher than the first model's."""

Index = QModelIndex | QPersistentModelIndex


class SeedTable(QAbstractTableModel):
    """Shows one prompt of a variant."""

    def __init__(
        self, study: Study, folder: Path, variant: VariantFindings, prompt: str, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._folder = folder
        self._pair = study.pair
        self._models = [model.name for model in variant.models if variant.images_of(prompt, model.name)]
        columns = [variant.images_of(prompt, model) for model in self._models]
        self._rows = _rows(columns)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """Number of seeds."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """Number of models."""
        return 0 if parent.isValid() else len(self._models)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Models above, seeds at the left."""
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        if orientation is Qt.Orientation.Horizontal:
            return model_name(self._models[section]) or _("Pictures")
        seed = next((image.seed for image in self._rows[section] if image and image.seed is not None), None)
        return "" if seed is None else _("seed {seed}").format(seed=seed)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What a cell shows."""
        image = self._rows[index.row()][index.column()]
        if role == IMAGE_ROLE:
            return image
        if image is None:
            return None
        match role:
            case _ if role == FILE_ROLE:
                return self._folder / image.file
            case _ if role == GAIN_ROLE:
                return self._gain(index.row(), image)
            case Qt.ItemDataRole.ToolTipRole | Qt.ItemDataRole.AccessibleTextRole:
                return image_text(image)
        return None

    def images(self) -> list[tuple[StudyImage, Path]]:
        """Return every picture with its file, row by row."""
        return [(image, self._folder / image.file) for row in self._rows for image in row if image]

    def _gain(self, row: int, image: StudyImage) -> float | None:
        base = next((other for other in self._rows[row] if other and other.model == self._pair.base), None)
        if image.model != self._pair.tuned or not base or base.cosine is None or image.cosine is None:
            return None
        return image.cosine - base.cosine


def image_text(image: StudyImage) -> str:
    """Return what is known of a picture, on one line."""
    parts = [
        model_name(image.model),
        "" if image.seed is None else _("seed {seed}").format(seed=image.seed),
        "" if image.cosine is None else _("CLIP {cosine}").format(cosine=number(image.cosine)),
        f"“{image.caption}”" if image.caption else "",
    ]
    return " · ".join(part for part in parts if part)


def _rows(columns: list[list[StudyImage]]) -> list[list[StudyImage | None]]:
    """Return rows of the same seed; pictures that do not say their seed stand one a row."""
    seeds = dict.fromkeys(image.seed for column in columns for image in column if image.seed is not None)
    by_seed = [{image.seed: image for image in column} for column in columns]
    rows: list[list[StudyImage | None]] = [[own.get(seed) for own in by_seed] for seed in sorted(seeds)]
    for number_, column in enumerate(columns):
        for image in column:
            # Several pictures of one seed, as a scored folder may hold them, keep a row each.
            if image.seed is None or by_seed[number_][image.seed] is not image:
                rows.append([image if place == number_ else None for place in range(len(columns))])
    return rows
