"""Draw the program's icon files from resources/icons/sketchdesk.svg: run it again when the mark changes."""

from __future__ import annotations

import os
import sys
from io import BytesIO
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PIL import Image
from PySide6.QtCore import QBuffer, QByteArray, QIODevice, Qt
from PySide6.QtGui import QGuiApplication, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

ROOT = Path(__file__).resolve().parent.parent
MARK = ROOT / "resources" / "icons" / "sketchdesk.svg"
SIZES_PX = (16, 24, 32, 48, 64, 128, 256)


def rendered(side_px: int) -> Image.Image:
    """Return the mark as an RGBA picture."""
    image = QImage(side_px, side_px, QImage.Format.Format_ARGB32)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    QSvgRenderer(str(MARK)).render(painter)
    painter.end()
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")
    return Image.open(BytesIO(data.data())).convert("RGBA")


def main() -> int:
    application = QGuiApplication(sys.argv)
    folder = ROOT / "packaging" / "icons"
    folder.mkdir(exist_ok=True)
    large = rendered(1024)
    large.resize((512, 512), Image.Resampling.LANCZOS).save(folder / "sketchdesk.png")
    large.save(folder / "sketchdesk.icns")
    drawn = [rendered(side) for side in SIZES_PX]
    drawn[-1].save(folder / "sketchdesk.ico", sizes=[(side, side) for side in SIZES_PX], append_images=drawn[:-1])
    del application
    return 0


if __name__ == "__main__":
    sys.exit(main())
