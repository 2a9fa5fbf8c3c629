"""How the page for a manager looks: on a screen, on a phone, on paper. No font, no picture, nothing is fetched.

Wide things (pictures, the table) scroll by themselves on a phone, so that letters stay large enough to be read.
"""

from __future__ import annotations

STYLE = """
:root { color-scheme: light; }
* { box-sizing: border-box; }
body { margin: 0; background: #ffffff; color: #222222; font: 16px/1.5 "DejaVu Sans", Verdana, sans-serif; }
main { max-width: 56rem; margin: 0 auto; padding: 1.5rem 1rem 3rem; }
h1 { font-size: 1.7rem; line-height: 1.25; margin: 0 0 1rem; overflow-wrap: anywhere; }
h2 { font-size: 1.15rem; margin: 2.2rem 0 0.6rem; }
p { margin: 0 0 0.6rem; overflow-wrap: anywhere; }
.of { color: #595959; margin: 0; }
.answer { background: #e6f1f8; border-left: 0.4rem solid #0072b2; padding: 1rem 1.2rem 0.5rem; }
.answer p:first-child { font-size: 1.15rem; font-weight: bold; }
figure, .wide { margin: 0 0 0.6rem; overflow-x: auto; }
img { display: block; max-width: 100%; height: auto; }
table { border-collapse: collapse; width: 100%; font-size: 0.85rem; font-variant-numeric: tabular-nums; }
th, td { padding: 0.35rem 0.6rem; border-bottom: 1px solid #d9d9d9; text-align: right; vertical-align: top; }
td { white-space: nowrap; }
th { font-weight: normal; }
thead th { color: #595959; border-bottom: 2px solid #767676; vertical-align: bottom; }
th:first-child { text-align: left; min-width: 11rem; overflow-wrap: break-word; }
.best { background: #fdf3dc; }
.best th { font-weight: bold; }
.small { font-size: 0.8rem; color: #404040; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 0.25rem 1rem; margin: 0; }
dt { color: #595959; }
dd { margin: 0; overflow-wrap: anywhere; }
@media (max-width: 40rem) {
  dl { display: block; }
  dd { margin-bottom: 0.5rem; }
  h1 { font-size: 1.4rem; }
}
@media print {
  main { max-width: none; padding: 0; }
  body { font-size: 11pt; }
  figure, .wide { overflow: visible; }
  img { min-width: 0 !important; max-height: 20cm; width: auto; }
  table { font-size: 7.5pt; }
  td { white-space: normal; }
  th, td { padding: 0.2rem 0.3rem; }
  th:first-child { min-width: 0; }
  figure, tr, .answer { break-inside: avoid; }
  h2 { break-after: avoid; }
  .answer, .best { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
""".strip()
