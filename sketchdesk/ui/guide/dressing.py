"""How a page of Markdown looks: Qt reads its structure, here it gets sizes, distances and the theme's colours."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QUrl
from PySide6.QtGui import (
    QBrush,
    QColor,
    QFont,
    QFontDatabase,
    QTextBlock,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
    QTextFrameFormat,
    QTextImageFormat,
    QTextLength,
    QTextTable,
)

from sketchdesk.ui.theme.fonts import FAMILY
from sketchdesk.ui.theme.tokens import Tokens

TEXT_PX, SMALL_PX = 14, 13
HEADINGS_PX = {1: 26, 2: 18, 3: 15}
ABOVE_PX, BELOW_PX = {1: 0, 2: 30, 3: 18}, {1: 14, 2: 8, 3: 6}
LINE_PERCENT = 145
PARAGRAPH_PX, ITEM_PX = 12, 5
CELL_PX = 7
CODE_SIDE_PX = 14
INDENT_PX = 22

_Property = QTextFormat.Property


def dress(document: QTextDocument, colours: Tokens, zoom: float, width_px: int) -> None:
    """Give a document that was read from Markdown its looks; pictures become at most `width_px` wide."""
    document.setDefaultFont(_font(TEXT_PX * zoom))
    document.setIndentWidth(round(INDENT_PX * zoom))
    for frame in document.rootFrame().childFrames():
        if isinstance(frame, QTextTable):
            _dress_table(frame, colours)
    cursor = QTextCursor(document)
    cursor.beginEditBlock()
    block = document.begin()
    while block.isValid():
        _dress_block(block, colours, zoom)
        _dress_words(block, colours, zoom)
        block = block.next()
    cursor.endEditBlock()
    fit_pictures(document, width_px)


def fit_pictures(document: QTextDocument, width_px: int) -> None:
    """Make pictures as wide as they are, or as there is room."""
    for start, length, form in list(_pictures(document)):
        image = document.resource(QTextDocument.ResourceType.ImageResource.value, QUrl(form.name()))
        ratio = image.devicePixelRatio() if image else 1.0
        wide = min(width_px, round(image.width() / ratio)) if image else 0
        if wide and round(form.width()) != wide:
            form.setWidth(wide)
            form.setHeight(round(image.height() / image.width() * wide))
            cursor = QTextCursor(document)
            cursor.setPosition(start)
            cursor.setPosition(start + length, QTextCursor.MoveMode.KeepAnchor)
            cursor.setCharFormat(form)


def code_blocks(document: QTextDocument) -> Iterator[tuple[QTextBlock, QTextBlock]]:
    """Yield the first and the last block of every piece of code, for painting what lies behind it."""
    first = last = None
    block = document.begin()
    while block.isValid():
        if is_code(block):
            first, last = first or block, block
        elif first is not None and last is not None:
            yield first, last
            first = last = None
        block = block.next()
    if first is not None and last is not None:
        yield first, last


def is_code(block: QTextBlock) -> bool:
    """Tell whether a block is a line of a fenced piece of code."""
    return block.blockFormat().hasProperty(_Property.BlockCodeFence)


def heading_level(block: QTextBlock) -> int:
    """Return the level of a heading, 0 for other blocks."""
    return block.blockFormat().headingLevel()


def _dress_block(block: QTextBlock, colours: Tokens, zoom: float) -> None:
    form = QTextBlockFormat()
    level = heading_level(block)
    in_table = QTextCursor(block).currentTable() is not None
    form.setLineHeight(LINE_PERCENT, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
    if level:
        form.setTopMargin(ABOVE_PX[level] * zoom)
        form.setBottomMargin(BELOW_PX[level] * zoom)
        form.setLineHeight(120, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
    elif in_table:
        form.setTopMargin(0)
        form.setBottomMargin(0)
        form.setLineHeight(130, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
    elif is_code(block):
        form.setLeftMargin(CODE_SIDE_PX)
        form.setRightMargin(CODE_SIDE_PX)
        form.setTopMargin(0 if is_code(block.previous()) else CODE_SIDE_PX)
        form.setBottomMargin(0 if is_code(block.next()) else CODE_SIDE_PX + PARAGRAPH_PX)
        form.setNonBreakableLines(False)
    else:
        if _holds_picture(block):  # a line's height is in per cent of the picture's
            form.setLineHeight(100, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
        form.setTopMargin(0)
        form.setBottomMargin((ITEM_PX if block.textList() else PARAGRAPH_PX) * zoom)
        if block.textList() and not block.next().textList():
            form.setBottomMargin(PARAGRAPH_PX * zoom)
    QTextCursor(block).mergeBlockFormat(form)


def _dress_words(block: QTextBlock, colours: Tokens, zoom: float) -> None:
    level = heading_level(block)
    pieces = []
    walk = block.begin()
    while not walk.atEnd():
        fragment = walk.fragment()
        pieces.append((fragment.position(), fragment.length(), fragment.charFormat()))
        walk += 1
    for start, length, before in pieces:
        if before.isImageFormat():
            continue
        form = _words_format(before, level, is_code(block), colours, zoom)
        if QTextCursor(block).currentTable() is not None and not before.fontFixedPitch():
            form.setProperty(_Property.FontPixelSize, round(SMALL_PX * zoom))
        cursor = QTextCursor(block)
        cursor.setPosition(start)
        cursor.setPosition(start + length, QTextCursor.MoveMode.KeepAnchor)
        cursor.setCharFormat(form)


def _words_format(
    before: QTextCharFormat, level: int, in_code: bool, colours: Tokens, zoom: float
) -> QTextCharFormat:
    form = QTextCharFormat()
    size = HEADINGS_PX[level] if level else TEXT_PX
    weight = QFont.Weight.DemiBold if level or before.fontWeight() > QFont.Weight.Medium else QFont.Weight.Normal
    form.setFontFamilies([FAMILY])
    form.setForeground(QColor(colours.text))
    if before.fontFixedPitch() or in_code:
        size = SMALL_PX
        form.setFontFamilies(_fixed_families())
        if not in_code:
            form.setBackground(QBrush(QColor(colours.field)))
    if before.isAnchor():
        form.setAnchor(True)
        form.setAnchorHref(before.anchorHref())
        form.setForeground(QColor(colours.accent))
        form.setFontUnderline(True)
    form.setFontWeight(weight)
    form.setProperty(_Property.FontPixelSize, round(size * zoom))
    return form


def _dress_table(table: QTextTable, colours: Tokens) -> None:
    form = table.format()
    form.setBorder(1)
    form.setBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_Solid)
    form.setBorderBrush(QColor(colours.border))
    form.setBorderCollapse(True)
    form.setCellPadding(CELL_PX)
    form.setCellSpacing(0)
    form.setTopMargin(4)
    form.setBottomMargin(16)
    form.setWidth(QTextLength(QTextLength.Type.PercentageLength, 100))
    table.setFormat(form)
    for column in range(table.columns()):
        cell = table.cellAt(0, column)
        head = cell.format()
        head.setBackground(QBrush(QColor(colours.field)))
        cell.setFormat(head)


def _holds_picture(block: QTextBlock) -> bool:
    walk = block.begin()
    return not walk.atEnd() and walk.fragment().charFormat().isImageFormat()


def _pictures(document: QTextDocument) -> Iterator[tuple[int, int, QTextImageFormat]]:
    block = document.begin()
    while block.isValid():
        walk = block.begin()
        while not walk.atEnd():
            fragment = walk.fragment()
            if fragment.charFormat().isImageFormat():
                yield fragment.position(), fragment.length(), fragment.charFormat().toImageFormat()
            walk += 1
        block = block.next()


def _font(size_px: float) -> QFont:
    font = QFont(FAMILY)
    font.setPixelSize(round(size_px))
    return font


def _fixed_families() -> list[str]:
    """Return the system's typeface with letters of one width, ours where it has none."""
    fixed = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont).family()
    return [fixed, FAMILY] if fixed in QFontDatabase.families() else [FAMILY]
