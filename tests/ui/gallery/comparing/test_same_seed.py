"""A picture that only one model has drawn is drawn by the base too, if that can be done as it was."""

from __future__ import annotations

from sketchdesk.contracts.jobs import LoraUse


def test_where_a_file_changed_the_base_draws_it_only_when_insisted(qtbot, open_gallery, draw, record, tmp_path):
    source = tmp_path / "start.png"
    source.write_bytes(b"another picture now")
    lora = LoraUse(path=str(tmp_path / "ink.safetensors"))
    draw("a.png", record(loras=(lora,), lora_hashes=("",), init_image=str(source), init_hash="0" * 64, strength=0.5))
    person = open_gallery()
    qtbot.waitUntil(lambda: len(person.shown()) == 1)
    person.picks(0)
    with qtbot.assertNotEmitted(person.tab.draw_requested):
        person.tab.chosen.compare_with_base()
        qtbot.waitUntil(lambda: bool(person.told))
    refusal = person.told[-1]
    assert (refusal.level, refusal.action_text) == ("warning", "Draw all the same")
    assert "start.png" in refusal.text
    with qtbot.waitSignal(person.tab.draw_requested) as wished:
        refusal.action()
    (job,) = wished.args[0]
    assert (job.model, job.loras, job.init_image) == ("demo-base", (), str(source))
    assert "“demo-base” draws this picture" in person.told[-1].text
