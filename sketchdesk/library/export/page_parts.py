"""The exported page's looks, light and dark by the reader's own setting, and the script that filters it."""

from __future__ import annotations

STYLE = """
:root {
  color-scheme: light dark;
  --ground: #f3f4f8; --card: #ffffff; --line: #d9dde6; --ink: #171a21; --soft: #5b6474; --accent: #2759d6;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #15171c; --card: #1c1f27; --line: #323846; --ink: #e8eaef; --soft: #a0a8b7; --accent: #5b8cff;
  }
}
* { box-sizing: border-box; }
[hidden] { display: none !important; }
body {
  margin: 0; background: var(--ground); color: var(--ink);
  font: 15px/1.5 Inter, system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
  font-variant-numeric: tabular-nums; overflow-wrap: anywhere;
}
header, main, footer, #none { max-width: 1600px; margin: 0 auto; padding: 0 24px; }
header { padding-top: 32px; }
.brand { margin: 0 0 4px; color: var(--accent); font-weight: 650; font-size: 14px; }
h1 { margin: 0 0 16px; font-size: clamp(24px, 4vw, 34px); line-height: 1.2; letter-spacing: -.02em; }
form { display: flex; flex-wrap: wrap; gap: 8px; }
input, select {
  font: inherit; color: inherit; background: var(--card); border: 1px solid var(--line); border-radius: 8px;
  padding: 8px 12px; min-height: 40px; max-width: 100%;
}
input { flex: 1 1 240px; }
:is(input, select, a, summary):focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
::placeholder { color: var(--soft); opacity: 1; }
nav { display: flex; flex-wrap: wrap; gap: 4px; margin: 0 0 16px; font-size: 14px; }
nav > * { padding: 4px 10px; border: 1px solid var(--line); border-radius: 8px; color: var(--accent); }
nav > b { background: var(--accent); color: var(--card); }
.count { margin: 12px 0 16px; color: var(--soft); font-size: 14px; }
main {
  display: grid; grid-template-columns: repeat(auto-fill, minmax(min(220px, 100%), 1fr)); gap: 16px;
  padding-bottom: 48px; align-items: start;
}
figure {
  margin: 0; background: var(--card); border: 1px solid var(--line); border-radius: 12px; overflow: hidden;
}
figure > a, .picture { display: block; background: #fff; }
img { display: block; width: 100%; height: auto; aspect-ratio: 1; object-fit: contain; }
figcaption { padding: 10px 12px 12px; }
figcaption p { margin: 0; }
.prompt { line-height: 1.35; }
.chips { display: flex; flex-wrap: wrap; gap: 2px 10px; margin-top: 4px; color: var(--soft); font-size: 13px; }
.score { color: var(--ink); font-weight: 650; }
details { margin-top: 6px; font-size: 13px; color: var(--soft); }
summary { cursor: pointer; }
dl { display: grid; grid-template-columns: auto 1fr; gap: 2px 12px; margin: 6px 0 0; }
dd { margin: 0; color: var(--ink); }
@media print { form, nav { display: none; } figure { break-inside: avoid; } }
"""

SCRIPT = """
"use strict";
(() => {
  const by = id => document.getElementById(id);
  const images = by("images"), cards = [...images.children];
  const text = by("text"), model = by("model"), order = by("order"), count = by("count");
  const plain = value => value.normalize("NFKD").replace(/\\p{M}/gu, "").toLowerCase();
  const words = new Map(cards.map(card => [card, plain(card.dataset.text)]));
  const score = card => card.dataset.score === undefined ? -Infinity : Number(card.dataset.score);
  const filter = () => {
    const wanted = plain(text.value).split(/\\s+/).filter(Boolean);
    let shown = 0;
    for (const card of cards) {
      const fits = wanted.every(word => words.get(card).includes(word))
        && (!model || !model.value || card.dataset.model === model.value);
      card.hidden = !fits;
      shown += fits;
    }
    by("none").hidden = shown > 0;
    count.textContent = shown === cards.length ? count.dataset.all
      : count.dataset.some.replace("{shown}", shown).replace("{total}", cards.length);
  };
  const sort = () => {
    const sorted = order.value === "score" ? [...cards].sort((a, b) => score(b) - score(a) || 0) : cards;
    images.append(...sorted);
  };
  text.addEventListener("input", filter);
  if (model) model.addEventListener("change", filter);
  if (order) order.addEventListener("change", sort);
  by("filters").addEventListener("submit", event => event.preventDefault());
  by("filters").hidden = false;
})();
"""
