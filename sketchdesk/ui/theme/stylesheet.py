"""The style sheet: what Fusion's palette cannot say. Roles are set with theme.set_role."""

from __future__ import annotations

import functools
from string import Template

from sketchdesk.library.paths import resource
from sketchdesk.ui.theme.roles import ROLES, named_in_sheet
from sketchdesk.ui.theme.tokens import RADIUS_PX

IMAGES = {
    "chevron": "field-down",
    "chevron_up": "field-up",
    "chevron_on_accent": "accent-down",
    "check": "accent-check",
}
"""The sheet's images: a file has one colour, which can be seen in every theme."""

_SHEET = Template("""
QWidget { color: $text; }
QMainWindow, QDialog { background: $window; }
QToolTip { background: $field; color: $text; border: 1px solid $border; padding: 4px 6px; }

QFrame[role="bar"] { background: $surface; border: none; border-bottom: 1px solid $border; }
QFrame[role="foot"] { background: $surface; border: none; border-top: 1px solid $border; }
QFrame[role="panel"], QWidget[role="panel"], QFrame[role="panel-left"], QFrame[role="panel-right"] {
    background: $surface; border: none;
}
QFrame[role="card"] { background: $surface; border: 1px solid $border; border-radius: 8px; }
QFrame[role="inset"] { background: $field; border: 1px solid $border; border-radius: ${radius}px; }
QFrame[role="warning"] { background: $field; border: 1px solid $warning; border-radius: ${radius}px; }
QFrame[role="popup"] { background: $surface; border: 1px solid $muted; border-radius: 10px; }
QFrame[role="line"] { background: $border; border: none; max-height: 1px; }

QLabel { background: transparent; }
QLabel[role="brand"] { font-size: 14px; font-weight: 600; }
QLabel[role="title"] { font-size: 17px; font-weight: 600; }
QLabel[role="heading"] { font-size: 13px; font-weight: 600; }
QLabel[role="caption"] { color: $muted; font-size: 11px; font-weight: 600; }
QLabel[role="muted"] { color: $muted; }
QLabel[role="small"] { color: $muted; font-size: 11px; }
QLabel[role="figure"] { font-size: 26px; font-weight: 700; }
QLabel[role="good"] { color: $good; }
QLabel[role="figure-good"] { color: $good; font-size: 26px; font-weight: 700; }
QLabel[role="figure-bad"] { color: $bad; font-size: 26px; font-weight: 700; }
QLabel[role="badge"] {
    background: $field; border: 1px solid $border; border-radius: 10px;
    padding: 2px 10px; min-height: 16px; color: $muted; font-size: 12px;
}
QLabel[role="badge-good"] {
    background: transparent; border: 1px solid $accent; border-radius: 10px;
    padding: 2px 10px; min-height: 16px; font-size: 12px;
}
QLabel[role="warning"] { color: $warning; }
QLabel[role="bad"] { color: $bad; }
QLabel[role="small-warning"] { color: $warning; font-size: 11px; }
QLabel[role="problem"] { color: $bad; font-size: 11px; }

QPushButton, QToolButton {
    background: $field; border: 1px solid $border; border-radius: ${radius}px; padding: 5px 12px; min-height: 20px;
}
QPushButton:hover, QToolButton:hover { background: $hover; }
QPushButton:pressed, QToolButton:pressed { background: $border; }
QPushButton:focus, QToolButton:focus { border-color: $accent; }
QPushButton:disabled, QToolButton:disabled { color: $faint; background: $surface; }
QPushButton:checked, QToolButton:checked { border-color: $accent; color: $text; background: $selection; }
QPushButton[role="primary"] {
    background: $accent; border-color: $accent; color: $on_accent; font-weight: 600; padding: 5px 14px;
}
QPushButton[role="primary"]:hover { background: $accent_hover; border-color: $accent_hover; }
QPushButton[role="primary"]:focus { border-color: $text; }
QPushButton[role="primary"]:disabled { background: $field; border-color: $border; color: $faint; }
QPushButton[role="chip"], QToolButton[role="chip"] { border-radius: 14px; padding: 3px 12px; min-height: 20px; }
QPushButton[role="suggestion"] { background: $surface; border-radius: 8px; text-align: left; padding: 0; }
QPushButton[role="suggestion"]:checked { border-color: $accent; background: $selection; }
QPushButton[role="chip"][chosen="true"] { border-color: $accent; background: $selection; }
QPushButton[role="danger"] { color: $bad; }
QPushButton[role="choice"] { text-align: left; padding: 5px 10px; }
QPushButton[role="link"] { background: transparent; border: none; color: $accent; padding: 2px 4px; text-align: left; }
QPushButton[role="link"]:hover { color: $accent_hover; }
QPushButton[role="link"]:focus { border: 1px solid $accent; }
QPushButton[role="search"] { color: $muted; text-align: left; padding: 5px 12px; }
QToolButton[role="link"] {
    background: transparent; border: 1px solid transparent; color: $accent; padding: 2px 4px; min-height: 0;
}
QToolButton[role="link"]:hover { color: $accent_hover; }
QToolButton[role="link"]:focus { border-color: $accent; }
QToolButton[role="nav"] {
    background: transparent; border: 1px solid transparent; padding: 6px 14px; font-weight: 500; color: $muted;
}
QToolButton[role="nav"]:hover { color: $text; background: $hover; }
QToolButton[role="nav"]:checked { color: $text; background: $field; font-weight: 600; }
QToolButton[role="nav"]:focus { border-color: $accent; }
QToolButton[role="flat"] { background: transparent; border: 1px solid transparent; padding: 4px; }
QToolButton[role="flat"]:hover { background: $hover; }
QToolButton[role="flat"]:focus { border-color: $accent; }
QToolButton[role="flat"]:checked { background: $selection; }
QToolButton[role="tiny"] { background: transparent; border: 1px solid transparent; padding: 0; min-height: 0; }
QToolButton[role="tiny"]:hover { background: $hover; }
QToolButton[role="tiny"]:focus { border-color: $accent; }
QToolButton[role="square"] { padding: 0; min-width: 30px; max-width: 30px; min-height: 30px; max-height: 30px; }
QToolButton[role="fold"] {
    background: transparent; border: 1px solid transparent; padding: 2px 0; min-height: 16px; color: $muted;
    font-size: 11px; font-weight: 600; text-align: left;
}
QToolButton[role="fold"]:hover { color: $text; }
QToolButton[role="fold"]:focus { border-color: $accent; }
QToolButton::menu-indicator { image: none; width: 0px; }
QPushButton::menu-indicator {
    image: url($chevron); width: 12px; height: 12px; subcontrol-position: right center; right: 8px;
}
QPushButton[role="primary"]::menu-indicator { image: url($chevron_on_accent); }

QLineEdit, QPlainTextEdit, QTextEdit, QSpinBox, QDoubleSpinBox, QDateEdit, QComboBox {
    background: $field; border: 1px solid $border; border-radius: ${radius}px; padding: 5px 8px; min-height: 20px;
    selection-background-color: $accent; selection-color: $on_accent;
}
QTextBrowser[role="page"] { background: $surface; border: none; border-radius: 0; padding: 0; }
QLineEdit:hover, QPlainTextEdit:hover, QSpinBox:hover, QDoubleSpinBox:hover, QDateEdit:hover,
QComboBox:hover { border-color: $muted; }
QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus, QSpinBox:focus, QDoubleSpinBox:focus, QDateEdit:focus,
QComboBox:focus {
    border-color: $accent;
}
QLineEdit:disabled, QSpinBox:disabled, QDoubleSpinBox:disabled, QDateEdit:disabled,
QComboBox:disabled { color: $faint; }
QLineEdit[invalid="true"], QPlainTextEdit[invalid="true"], QSpinBox[invalid="true"],
QDoubleSpinBox[invalid="true"], QDateEdit[invalid="true"],
QComboBox[invalid="true"] { border-color: $bad; }
QComboBox { padding-right: 0; }
QSpinBox, QDoubleSpinBox, QDateEdit { padding: 5px 8px 4px 8px; min-height: 18px; }
QComboBox:!editable { padding-left: 10px; }
QComboBox::drop-down { border: none; width: 20px; }
QComboBox::down-arrow { image: url($chevron); width: 12px; height: 12px; }
QComboBox QAbstractItemView {
    background: $surface; border: 1px solid $border; selection-background-color: $selection; selection-color: $text;
    outline: none; padding: 4px;
}
QSpinBox::up-button, QDoubleSpinBox::up-button, QDateEdit::up-button, QSpinBox::down-button,
QDoubleSpinBox::down-button, QDateEdit::down-button {
    background: transparent; border: none; width: 16px;
}
QSpinBox::up-arrow, QDoubleSpinBox::up-arrow,
QDateEdit::up-arrow { image: url($chevron_up); width: 10px; height: 10px; }
QSpinBox::down-arrow, QDoubleSpinBox::down-arrow,
QDateEdit::down-arrow { image: url($chevron); width: 10px; height: 10px; }
QCheckBox { spacing: 8px; background: transparent; }
QCheckBox::indicator, QListWidget::indicator {
    width: 16px; height: 16px; border: 1px solid $muted; border-radius: 4px; background: $field;
}
QListWidget::indicator:indeterminate { background: $selection; border-color: $accent; }
QCheckBox::indicator:checked, QListWidget::indicator:checked {
    background: $accent; border-color: $accent; image: url($check);
}
QCheckBox:focus { color: $accent; }
QCheckBox::indicator:focus { border-color: $accent; }
QSlider::groove:horizontal { height: 4px; background: $border; border-radius: 2px; }
QSlider::sub-page:horizontal { background: $accent; border-radius: 2px; }
QSlider::handle:horizontal {
    background: $accent; width: 14px; height: 14px; margin: -5px 0; border-radius: 7px; border: none;
}
QSlider::handle:horizontal:hover { background: $accent_hover; }
QSlider::handle:horizontal:focus { background: $text; }

QAbstractItemView {
    background: $surface; border: 1px solid $border; border-radius: ${radius}px; outline: none;
    alternate-background-color: $field; selection-background-color: $selection; selection-color: $text;
}
QAbstractItemView:focus { border-color: $accent; }
QAbstractItemView[role="bare"] { background: transparent; border: none; }
QTreeView::item, QListView::item, QTableView::item { padding: 4px 6px; border: none; }
QTreeView::item:hover, QListView::item:hover, QTableView::item:hover { background: $hover; }
QTreeView::item:selected, QListView::item:selected, QTableView::item:selected { background: $selection; color: $text; }
QHeaderView { background: transparent; border: none; }
QHeaderView::section {
    background: $surface; color: $muted; border: none; border-bottom: 1px solid $border; padding: 6px;
    font-size: 11px; font-weight: 600;
}
QHeaderView[role="aligned"]::section { padding: 6px 9px; }
QHeaderView[role="plain"]::section { border: none; }
QTableCornerButton::section { background: $surface; border: none; }

QMenuBar { background: $surface; border-bottom: 1px solid $border; padding: 2px 8px; }
QMenuBar::item { background: transparent; padding: 4px 10px; border-radius: 4px; }
QMenuBar::item:selected { background: $hover; }
QMenu { background: $surface; border: 1px solid $border; padding: 4px; }
QMenu::item { padding: 6px 28px 6px 12px; border-radius: 4px; }
QMenu::item:selected { background: $selection; }
QMenu::item:disabled { color: $faint; }
QMenu::separator { height: 1px; background: $border; margin: 4px 8px; }
QMenu::icon { padding-left: 8px; }
QMenu::icon:checked { background: $selection; border: 1px solid $accent; border-radius: 4px; }

QProgressBar {
    background: $border; border: none; border-radius: 3px; max-height: 6px; min-height: 6px; text-align: center;
}
QProgressBar::chunk { background: $accent; border-radius: 3px; }
QScrollArea { background: transparent; border: none; }
QScrollArea > QWidget > QWidget { background: transparent; }
QScrollBar:vertical { background: transparent; width: 8px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 8px; margin: 0; }
QScrollBar::handle { background: $border; border-radius: 3px; min-height: 28px; min-width: 28px; margin: 1px; }
QScrollBar::handle:hover { background: $muted; }
QAbstractScrollArea::corner { background: transparent; border: none; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QSplitter::handle { background: $border; }
QSplitter::handle:horizontal { width: 1px; }
QSplitter::handle:vertical { height: 1px; }
QMessageBox QLabel#qt_msgbox_label { min-width: 320px; font-size: 15px; font-weight: 600; }
QMessageBox QLabel#qt_msgbox_informativelabel { min-width: 320px; color: $muted; }
QTabWidget::pane { border: none; }
QTabBar::tab { background: transparent; color: $muted; padding: 6px 12px; border-bottom: 2px solid transparent; }
QTabBar::tab:selected { color: $text; border-bottom-color: $accent; }
QTabBar::tab:focus { color: $accent; }
""")


@functools.cache
def stylesheet() -> str:
    """Return the style sheet, the same for every theme: its colours are roles of the palette in use."""
    colours = {name: named_in_sheet(role) for name, role in ROLES.items()}
    images = {name: resource(f"icons/{file}.svg").as_posix() for name, file in IMAGES.items()}
    return _SHEET.substitute(colours, radius=RADIUS_PX, **images)
