"""Prompt lists as people and other programs save them, and errors that say where."""

from __future__ import annotations

import codecs
import csv
import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.jobs import PromptRow
from sketchdesk.library.models.samplers import DISPLAY_NAMES, SAMPLERS, sampler_id
from sketchdesk.library.prompts.reading import read_good_prompts, read_prompts


def rows_of(tmp_path: Path, name: str, text: str | bytes) -> tuple[PromptRow, ...]:
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_prompts(path)


def refusal(tmp_path: Path, name: str, text: str | bytes) -> str:
    with pytest.raises(SketchDeskError) as caught:
        rows_of(tmp_path, name, text)
    assert caught.value.kind is ErrorKind.BAD_INPUT
    return caught.value.message


def prompts(rows: tuple[PromptRow, ...]) -> list[str]:
    return [row.prompt for row in rows]


def test_a_text_list_is_one_prompt_a_line_without_comments(tmp_path: Path) -> None:
    text = "# animals\na zebra running\n\n   a #1 dog  \n  # end\n"
    assert rows_of(tmp_path, "a.txt", text) == (PromptRow(prompt="a zebra running"), PromptRow(prompt="a #1 dog"))


def test_kohyas_options_end_a_line(tmp_path: Path) -> None:
    text = "a well-known dog -- barking --n blur, fog --w 512 --h 768 --d 42 --s 30 --l 7.5\na cat --L 1 --n"
    assert rows_of(tmp_path, "a.txt", text) == (
        PromptRow(prompt="a well-known dog -- barking", negative_prompt="blur, fog", width=512, height=768, seed=42,
                  num_inference_steps=30, guidance_scale=7.5),
        PromptRow(prompt="a cat", guidance_scale=1.0, negative_prompt=""),
    )  # fmt: skip


ENCODED = "un niño 漢字\r\na dog\r\n"


@pytest.mark.parametrize(
    "data",
    [
        ENCODED.encode(),
        codecs.BOM_UTF8 + ENCODED.encode(),
        codecs.BOM_UTF16_LE + ENCODED.encode("utf-16-le"),
        codecs.BOM_UTF16_BE + ENCODED.encode("utf-16-be"),
        ENCODED.replace("\r\n", "\r").encode(),
    ],
    ids=["utf-8", "utf-8 with a mark", "utf-16 little", "utf-16 big", "old Mac line ends"],
)
def test_what_editors_on_every_system_save_is_read(tmp_path: Path, data: bytes) -> None:
    assert prompts(rows_of(tmp_path, "a.txt", data)) == ["un niño 漢字", "a dog"]


def test_a_table_with_every_column(tmp_path: Path) -> None:
    text = (
        "prompt,negative_prompt,seed,steps,guidance_scale,width,height,sampler,count\n"
        '"a zebra, ""running""\nfast",fog,7,30,6.5,512,256,Euler a,4\n\n'
        "a dog,,,,,,,,\n"
    )
    assert rows_of(tmp_path, "a.csv", text) == (
        PromptRow(prompt='a zebra, "running"\nfast', negative_prompt="fog", seed=7, num_inference_steps=30,
                  guidance_scale=6.5, width=512, height=256, sampler="euler_a", count=4),
        PromptRow(prompt="a dog"),
    )  # fmt: skip


def test_a_spanish_spreadsheets_table_has_semicolons_and_decimal_commas(tmp_path: Path) -> None:
    text = codecs.BOM_UTF8 + b"Prompt;Guidance_scale;seed\r\nuna cebra, corriendo;7,5;3\r\n"
    assert rows_of(tmp_path, "a.CSV", text) == (PromptRow(prompt="una cebra, corriendo", guidance_scale=7.5, seed=3),)


def test_a_table_may_begin_with_empty_lines(tmp_path: Path) -> None:
    text = "\n\nseed;prompt\n3;a dog, running"
    assert rows_of(tmp_path, "a.csv", text) == (PromptRow(prompt="a dog, running", seed=3),)


def test_json_lines_of_texts_and_objects(tmp_path: Path) -> None:
    text = codecs.BOM_UTF8.decode() + '"a dog"\r\n\r\n{"steps": 5, "prompt": "a\\ncat", "seed": null}\r\n'
    for name in ("a.jsonl", "a.ndjson", "A.JSONL"):
        assert rows_of(tmp_path, name, text) == (
            PromptRow(prompt="a dog"), PromptRow(prompt="a\ncat", num_inference_steps=5),
        )  # fmt: skip


def test_five_thousand_rows_with_settings_of_their_own_are_read(tmp_path: Path) -> None:
    lines = [json.dumps({"prompt": f"a fox {n}", "seed": n, "steps": 1 + n % 50}) for n in range(5000)]
    rows = rows_of(tmp_path, "a.jsonl", "\n".join(lines))
    assert [(row.prompt, row.seed, row.num_inference_steps) for row in rows] == [
        (f"a fox {n}", n, 1 + n % 50) for n in range(5000)
    ]


def test_a_json_list_of_texts_and_objects(tmp_path: Path) -> None:
    text = json.dumps(["a dog", {"prompt": "a cat", "steps": 5, "seed": None, "sampler": "dpmpp_2m"}])
    assert rows_of(tmp_path, "a.json", text) == (
        PromptRow(prompt="a dog"),
        PromptRow(prompt="a cat", num_inference_steps=5, sampler="dpmpp_2m"),
    )


@pytest.mark.parametrize(
    ("name", "text", "place"),
    [
        ("a.txt", "a dog\n\na cat --w wide", "a.txt, line 3: “wide” is not possible for width."),
        ("a.txt", "a dog\na cat --s many", "a.txt, line 2: “many” is not possible for steps."),
        ("a.txt", "a dog\na cat --w 8", "a.txt, line 2: “8” is not possible for width."),
        ("a.txt", "# x\na cat --ar 3", "a.txt, line 2: there is no option --ar."),
        ("a.txt", "a dog\n--w 64", "a.txt, line 2: there is no prompt."),
        ("a.txt", b"a dog\na \xff\n", "a.txt, line 2: this is not text in UTF-8"),
        ("a.txt", b"a dog\na\0b\n", "a.txt, line 2: this is not text in UTF-8"),
        ("a.csv", "text,seed\na,1", "a.csv, line 1: the header has no column “prompt”."),
        ("a.csv", "prompt,sed\na,1", "a.csv, line 1: there is no column “sed”."),
        ("a.csv", "prompt,seed,Seed\na,1,2", "a.csv, line 1: the column “seed” is there twice."),
        ("a.csv", 'prompt,seed\n"two\nlines",1\na,-1', "a.csv, line 4: “-1” is not possible for seed."),
        ("a.csv", "prompt,seed\na zebra, running,1", "a.csv, line 2: more cells than the header has"),
        ("a.csv", "prompt,seed\na,1\n,2", "a.csv, line 3: there is no prompt."),
        ("a.csv", 'prompt,seed\na,1\n"b,1\nc,2', "a.csv, line 3: the quotes do not match."),
        ("a.csv", "prompt,sampler\na,Euler z", "a.csv, line 2: “Euler z” is not possible for sampler."),
        ("a.json", '["a",\n"b"', "a.json, line 2: this is not valid JSON."),
        ("a.json", '{"prompt": "a"}', "a.json, line 1: a list of prompts is expected"),
        ("a.json", '["a",\n\n{"prompt": "b",\n "sed": 1}]', "a.json, line 3: there is no field “sed”."),
        ("a.json", '["a",\n{"prompt": "b", "seed": 1.5}]', "a.json, line 2: “1.5” is not possible for seed."),
        ("a.json", '["a", {"prompt": "b", "count": true}]', "a.json, line 1: “True” is not possible for count."),
        ("a.json", '["a", {"prompt": "b", "guidance_scale": NaN}]', "line 1: “nan” is not possible for guidance_scale"),
        ("a.json", '[\n3]', "a.json, line 2: a prompt is a text or an object"),
        ("a.json", '[\n" "]', "a.json, line 2: there is no prompt."),
        ("a.json", '[\n{"prompt": 3}]', "a.json, line 2: “3” is not possible for prompt."),
        ("a.json", '[\n"\\ud800"]', "a.json, line 2: it holds signs that are not text."),
        ("a.json", "[" * 100_000, "a.json, line 1: this is not valid JSON."),
        ("a.json", "[1" + "0" * 5000 + "]", "a.json, line 1: this is not valid JSON."),
        ("a.jsonl", '"a"\n\n{"prompt": "b", "sed": 1}', "a.jsonl, line 3: there is no field “sed”."),
        ("a.jsonl", '"a"\n{"prompt": "b"', "a.jsonl, line 2: this is not valid JSON."),
        ("a.NDJSON", "[" * 100_000, "a.NDJSON, line 1: this is not valid JSON."),
    ],
)  # fmt: skip
def test_an_error_names_the_file_the_line_and_the_reason(
    tmp_path: Path, name: str, text: str | bytes, place: str
) -> None:
    assert place in refusal(tmp_path, name, text)


@pytest.mark.parametrize(
    ("name", "text", "places"),
    [
        ("a.txt", "a dog\na cat --ar 3\na fox\nan ox --w 8", ("line 2", "line 4")),
        ("a.csv", "prompt,seed\na dog,1\na, b,2\na fox,\na hen,-1", ("line 3", "line 5")),
        ("a.csv", 'prompt,seed\na dog,1\n"b,1\na fox,2\n', ("line 3",)),
        ("a.csv", 'prompt,seed\n"b" c,1\n"a dog",2\n"b,1\n"c" d,3\n"a fox",2\n"e', [f"line {n}" for n in (2, 4, 5, 7)]),
        ("a.json", '["a dog",\n3,\n{"prompt": "a fox"},\n{"sed": 1}]', ("line 2", "line 4")),
        ("a.jsonl", '"a dog"\n3\n{"prompt": "a fox"}\n{"prompt": ', ("line 2", "line 4")),
    ],
)  # fmt: skip
def test_the_good_lines_can_be_kept_and_every_bad_one_is_told(
    tmp_path: Path, name: str, text: str, places: Sequence[str]
) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    found = read_good_prompts(tmp_path / name)
    assert [row.prompt for row in found.rows] == ["a dog", "a fox"]
    assert len(found.problems) == len(places)
    assert all(place in problem.message for place, problem in zip(places, found.problems, strict=True))


def test_a_long_cell_is_a_prompt_and_an_open_quote_before_many_lines_costs_its_own_line_only(tmp_path: Path) -> None:
    long, lines = "fox " * 40_000 + "fox", "\n".join(f"a dog {n},{n}" for n in range(9_000))
    (tmp_path / "a.csv").write_text(f'prompt,seed\n{long},1\n"b,1\n{lines}', encoding="utf-8")
    found = read_good_prompts(tmp_path / "a.csv")
    assert found.rows[0].prompt == long
    assert len(found.rows) == 9_001
    assert [problem.message for problem in found.problems] == ["a.csv, line 3: the quotes do not match."]


def test_a_header_whose_quotes_do_not_match_is_told_as_such(tmp_path: Path) -> None:
    assert refusal(tmp_path, "a.csv", 'prompt,"seed\na,1\nb,2') == "a.csv, line 1: the quotes do not match."


def test_a_list_without_a_good_line_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("a cat --ar 3\n", encoding="utf-8")
    with pytest.raises(SketchDeskError, match="line 1"):
        read_good_prompts(tmp_path / "a.txt")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.txt", ""), ("a.txt", "# only\n\n# comments"), ("a.csv", ""), ("a.csv", "prompt,seed\n"), ("a.json", "[]"),
        ("a.jsonl", "\n\n"),
    ],
)
def test_an_empty_list_is_an_error(tmp_path: Path, name: str, text: str) -> None:
    assert refusal(tmp_path, name, text) == f"{name} holds no prompt."


def test_another_kind_of_file_is_refused(tmp_path: Path) -> None:
    assert ".txt, .csv, .json or .jsonl" in refusal(tmp_path, "a.docx", "x")


def test_a_missing_file_and_a_folder_are_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "folder.txt").mkdir()
    for name in ("missing.txt", "folder.txt"):
        with pytest.raises(SketchDeskError) as caught:
            read_prompts(tmp_path / name)
        assert caught.value.kind is ErrorKind.BAD_INPUT
        assert name in caught.value.message


def test_a_film_dropped_by_mistake_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "film.txt"
    with path.open("wb") as file:
        file.truncate(2**27)  # a sparse file: large in name only
    with pytest.raises(SketchDeskError, match="too large"):
        read_prompts(path)


def test_a_list_with_braces_in_it_does_not_confuse_the_sentences(tmp_path: Path) -> None:
    assert "“{what}” is not possible" in refusal(tmp_path, "{a}.csv", "prompt,seed\n{x},{what}")


prompt_texts = st.text(st.characters(exclude_categories=["C", "Z"], include_characters=" "), min_size=1).map(str.strip)
some_rows = st.builds(
    PromptRow,
    prompt=prompt_texts.filter(bool),
    negative_prompt=st.none() | prompt_texts.filter(bool),
    seed=st.none() | st.integers(0, 2**63 - 1),
    guidance_scale=st.none() | st.floats(0, 100),
    num_inference_steps=st.none() | st.integers(1, 1000),
    sampler=st.none() | st.sampled_from(SAMPLERS),
)
COLUMNS = {"prompt": "prompt", "negative_prompt": "negative_prompt", "seed": "seed", "steps": "num_inference_steps",
           "guidance_scale": "guidance_scale", "sampler": "sampler"}  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(some_rows, min_size=1, max_size=5))
def test_what_a_table_writer_or_json_writer_saves_is_what_is_read(tmp_path: Path, rows: list[PromptRow]) -> None:
    records = [{column: getattr(row, field) for column, field in COLUMNS.items()} for row in rows]
    with (tmp_path / "a.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(records)
    assert read_prompts(tmp_path / "a.csv") == tuple(rows)
    assert rows_of(tmp_path, "a.json", json.dumps(records)) == tuple(rows)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(max_size=60), name=st.sampled_from(["a.txt", "a.csv", "a.json", "a.jsonl"]))
def test_any_bytes_are_read_or_refused_with_a_reason(tmp_path: Path, data: bytes, name: str) -> None:
    try:
        assert rows_of(tmp_path, name, data)
    except SketchDeskError as error:
        assert error.kind is ErrorKind.BAD_INPUT
        assert name in error.message


def test_every_sampler_is_known_by_its_own_and_its_display_name() -> None:
    assert {sampler_id(name) for name in DISPLAY_NAMES.values()} == set(SAMPLERS)
    assert [sampler_id(name) for name in SAMPLERS] == list(SAMPLERS)
    assert sampler_id("DPM++ 2M", "Karras") == "dpmpp_2m_karras"
    assert sampler_id("DPM++ SDE", "Karras") is None
