"""The report's looks: one style sheet, light and dark by the reader's own setting, from phone to desk."""

from __future__ import annotations

STYLE = """
:root {
  color-scheme: light dark;
  --ground: #f5f6f9; --card: #ffffff; --line: #e0e3ea; --ink: #1a1d24; --soft: #5d6675;
  --accent: #2c5fe6; --up: #11794c; --down: #b3362b; --up-ground: #e3f4eb; --down-ground: #fbe9e7; --even: #eceef3;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --ground: #14161b; --card: #1d2027; --line: #333844; --ink: #eceef2; --soft: #a2abba;
    --accent: #82a7ff; --up: #62d29b; --down: #ff9a8d; --up-ground: #17352a; --down-ground: #40231f; --even: #2a2e38;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--ground); color: var(--ink);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif;
  font-variant-numeric: tabular-nums; -webkit-text-size-adjust: 100%; overflow-wrap: anywhere;
}
main { max-width: 1120px; margin: 0 auto; padding: 40px 20px 56px; }
.brand { margin: 0 0 10px; color: var(--accent); font-weight: 650; font-size: 14px; letter-spacing: .02em; }
h1 { margin: 0 0 18px; font-size: clamp(26px, 4.5vw, 38px); line-height: 1.15; letter-spacing: -.02em; }
h2 { margin: 56px 0 6px; font-size: 23px; line-height: 1.25; letter-spacing: -.01em; }
h3 { margin: 0; font-size: 17px; line-height: 1.35; }
section > h3 { margin: 28px 0 8px; }
.lede { margin: 0 0 10px; font-size: 19px; line-height: 1.45; max-width: 54em; }
.note { margin: 0 0 16px; color: var(--soft); max-width: 60em; }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(205px, 1fr)); gap: 12px; margin: 18px 0; }
.card, .panel { background: var(--card); border: 1px solid var(--line); border-radius: 12px; }
.card { padding: 14px 16px; }
.card h3 { color: var(--soft); font-size: 13px; font-weight: 600; }
.card .value { margin: 2px 0; font-size: 30px; line-height: 1.2; font-weight: 700; letter-spacing: -.02em; }
.card p { margin: 0; color: var(--soft); font-size: 14px; }
.higher { color: var(--up); }
.lower { color: var(--down); }
.panel { padding: 6px 18px; margin: 14px 0; overflow-x: auto; }
table { width: 100%; border-collapse: collapse; }
th, td { padding: 11px 10px; text-align: left; vertical-align: middle; border-top: 1px solid var(--line); }
th, td { overflow-wrap: break-word; }
td small { display: block; color: var(--soft); font-size: 12px; white-space: nowrap; }
thead th { border-top: 0; color: var(--soft); font-size: 13px; font-weight: 600; }
tbody th { font-weight: 500; }
tbody tr.all th, tbody tr.all td { font-weight: 700; }
.number { text-align: right; white-space: nowrap; }
.heat { background: color-mix(in srgb, var(--accent) calc(var(--heat) * .55), transparent); }
.difference { width: 44%; }
.difference div { display: flex; align-items: center; gap: 14px; }
.difference span { white-space: nowrap; font-size: 14px; }
svg { width: 190px; height: 24px; flex: none; color: var(--accent); overflow: visible; }
svg .zero { stroke: var(--soft); stroke-width: 1; opacity: .7; }
svg .bar { stroke: currentColor; stroke-width: 2.5; stroke-linecap: round; }
svg circle { fill: currentColor; }
svg.plot { display: block; width: 100%; max-width: 720px; height: auto; margin: 8px auto; color: var(--ink); }
.plot text { font-size: 13px; fill: var(--soft); }
.plot .grid { stroke: var(--line); }
.plot line.front { stroke: var(--soft); stroke-dasharray: 4 4; }
.plot circle.front { fill: var(--accent); }
.plot circle.beaten { fill: var(--soft); }
.plot circle.proposed { fill: var(--up); }
.plot text.proposed { fill: var(--ink); font-weight: 650; }
.prompt { padding: 16px 18px 18px; }
.prompt > p { margin: 2px 0 0; color: var(--soft); font-size: 14px; }
.pairs {
  display: grid; grid-template-columns: repeat(auto-fill, minmax(250px, 1fr)); gap: 22px 20px; margin-top: 14px;
}
.pairs.wide { grid-template-columns: repeat(auto-fill, minmax(min(100%, var(--beside) * 128px - 8px), 1fr)); }
.pairs.wide .sides { display: grid; grid-template-columns: repeat(auto-fill, 120px); gap: 8px; }
.pair { margin: 0; min-width: 0; max-width: 268px; }
.wide .pair { max-width: none; }
.pair figcaption { display: flex; justify-content: space-between; color: var(--soft); font-size: 13px; }
.chip { border-radius: 99px; padding: 0 9px; font-weight: 650; background: var(--even); color: var(--ink); }
.chip.higher { background: var(--up-ground); color: var(--up); }
.chip.lower { background: var(--down-ground); color: var(--down); }
.sides { display: flex; gap: 12px; margin-top: 5px; }
.side { flex: 1; min-width: 0; font-size: 13px; line-height: 1.35; }
.side img {
  display: block; width: 100%; height: auto; border-radius: 8px; border: 1px solid var(--line); background: #fff;
}
.score { display: flex; justify-content: space-between; gap: 6px; margin-top: 5px; }
.side p { margin: 1px 0 0; color: var(--soft); }
.singles {
  display: grid; grid-template-columns: repeat(auto-fill, minmax(128px, 1fr)); gap: 18px 14px; margin-top: 14px;
}
.singles .side { max-width: 160px; }
dl { display: grid; grid-template-columns: minmax(120px, 21em) 1fr; gap: 0 18px; margin: 0; }
dt, dd { margin: 0; padding: 8px 0; border-top: 1px solid var(--line); }
dt { color: var(--soft); }
dl > dt:first-of-type, dl > dt:first-of-type + dd { border-top: 0; }
ul { margin: 12px 0; padding-left: 20px; max-width: 62em; }
footer { margin-top: 48px; color: var(--soft); font-size: 14px; }
@media (max-width: 680px) {
  main { padding: 24px 14px 40px; }
  .panel { padding: 4px 14px; }
  .prompt { padding: 14px; }
  thead { display: none; }
  tr, tbody th, tbody td { display: block; }
  tbody tr { padding: 12px 0; border-top: 1px solid var(--line); }
  tbody tr:first-child { border-top: 0; }
  th, td { border: 0; padding: 2px 0; }
  tbody th { font-weight: 650; }
  td[data-label]:not(.difference) { display: flex; justify-content: space-between; gap: 14px; text-align: left; }
  td[data-label]::before { content: attr(data-label); color: var(--soft); font-weight: 400; white-space: nowrap; }
  .difference { width: auto; }
  .difference div { flex-wrap: wrap; gap: 2px 14px; }
  .pairs { grid-template-columns: repeat(auto-fill, minmax(min(250px, 100%), 1fr)); }
  .pair { max-width: none; }
  dl { grid-template-columns: 1fr; }
  dd { border: 0; padding-top: 0; }
  dt { padding-bottom: 0; }
}
@media print {
  :root { color-scheme: light; --ground: #ffffff; }
  body { font-size: 13px; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  main { max-width: none; padding: 0; }
  .card, .side, .pairs:not(.wide) .pair, .plot, tr { break-inside: avoid; }
  h1, h2, h3, figcaption { break-after: avoid; }
  .panel { overflow: visible; }
}
"""
