"""What README says of the commands is what there is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sketchdesk.cli.main import COMMANDS

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
USAGE = README.split("## Commands")[1].split("```")[1]


def test_every_command_is_told_once_and_no_other():
    told = list(dict.fromkeys(re.findall(r"^sketchdesk ([a-z]+)", USAGE, flags=re.MULTILINE)))
    assert sorted(told) == sorted(COMMANDS)
    rows = {name.split()[0] for name in re.findall(r"^\| `([a-z ]+)` \|", README, flags=re.MULTILINE)}
    assert rows == set(COMMANDS)


@pytest.mark.parametrize("name", ["images", "models"])
def test_the_commands_of_a_command_are_told(name):
    (told,) = re.findall(rf"^sketchdesk {name} ([a-z|]+) …", USAGE, flags=re.MULTILINE)
    assert set(told.split("|")) == set(COMMANDS[name].COMMANDS)
