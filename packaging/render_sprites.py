"""Render the demo's sprites from Microsoft Fluent Emoji (MIT) into two atlases under resources/demo.

Run once, when the vocabulary changes; the result is in git and nothing else needs npm:

    npm pack @iconify-json/fluent-emoji-flat @iconify-json/fluent-emoji-high-contrast   (then unpack both)
    python packaging/render_sprites.py FLAT_PACKAGE_FOLDER HIGH_CONTRAST_PACKAGE_FOLDER
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from PIL import Image
from PySide6.QtCore import QByteArray, QRectF
from PySide6.QtGui import QGuiApplication, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from sketchdesk.demo.sprites import CELL_PX, COLUMNS
from sketchdesk.demo.vocabulary import sprite_names


def render(svg_body: str) -> Image.Image:
    """Return one 32×32 view-box SVG body drawn at CELL_PX as a straight-alpha RGBA picture."""
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">{svg_body}</svg>'
    canvas = QImage(CELL_PX, CELL_PX, QImage.Format.Format_ARGB32_Premultiplied)
    canvas.fill(0)
    painter = QPainter(canvas)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    QSvgRenderer(QByteArray(svg.encode())).render(painter, QRectF(0, 0, CELL_PX, CELL_PX))
    painter.end()
    rgba = canvas.convertToFormat(QImage.Format.Format_RGBA8888)
    return Image.frombytes("RGBA", (CELL_PX, CELL_PX), bytes(rgba.constBits()))


def render_atlas(package: Path, destination: Path) -> None:
    """Draw every sprite of the vocabulary into a grid, in vocabulary order."""
    icons = json.loads((package / "icons.json").read_text(encoding="utf-8"))["icons"]
    names = sprite_names()
    rows = -(-len(names) // COLUMNS)
    atlas = Image.new("RGBA", (COLUMNS * CELL_PX, rows * CELL_PX))
    for index, name in enumerate(names):
        cell = render(icons[name]["body"].replace("currentColor", "#000"))
        atlas.paste(cell, (index % COLUMNS * CELL_PX, index // COLUMNS * CELL_PX))
    destination.parent.mkdir(parents=True, exist_ok=True)
    atlas.save(destination, optimize=True)


def main() -> None:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    flat, high_contrast = map(Path, sys.argv[1:3])
    application = QGuiApplication([])
    render_atlas(flat, ROOT / "resources/demo/sprites-colour.png")
    render_atlas(high_contrast, ROOT / "resources/demo/sprites-sketch.png")
    names = json.dumps(sprite_names(), indent=0)
    (ROOT / "resources/demo/sprites.json").write_text(names + "\n", encoding="utf-8")
    application.quit()


if __name__ == "__main__":
    main()
