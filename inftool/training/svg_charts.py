"""Curves as SVG, drawn by hand: what a run's losses, rewards and gate shares did, with nothing to install for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

_COLOURS = (
    "#2563eb",
    "#dc2626",
    "#059669",
    "#d97706",
    "#7c3aed",
    "#0891b2",
    "#be185d",
    "#4d7c0f",
    "#525252",
)
_WIDTH, _HEIGHT, _LEFT, _BOTTOM, _LEGEND = 640, 240, 48, 28, 130


def line_chart(
    title: str,
    series: Mapping[str, Sequence[float]],
    *,
    low: float | None = None,
    high: float | None = None,
    first: int = 1,
    band: Sequence[tuple[float, float]] = (),
) -> str:
    """An SVG of one line a series over its steps, counted from `first`; a series of one value is a dot, an empty one is left out. `band`: an interval a step."""
    shown = {name: list(values) for name, values in series.items() if values}
    every = [value for values in shown.values() for value in values] or [0.0]
    bottom, top = min(every) if low is None else low, max(every) if high is None else high
    top = top if top > bottom else bottom + 1.0
    longest = max((len(values) for values in shown.values()), default=1)
    plot_width, plot_height = _WIDTH - _LEFT - _LEGEND, _HEIGHT - _BOTTOM - 28

    def at(step: int, value: float) -> tuple[float, float]:
        x = _LEFT + plot_width * (step / (longest - 1) if longest > 1 else 0.5)
        return round(x, 1), round(28 + plot_height * (1 - (value - bottom) / (top - bottom)), 1)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" font-family="sans-serif" font-size="11" role="img">',
        f"<title>{escape(title)}</title>",
        f'<text x="{_LEFT}" y="16" font-size="13" font-weight="bold">{escape(title)}</text>',
    ]
    for share in (0.0, 0.5, 1.0):
        value = bottom + share * (top - bottom)
        _, y = at(0, value)
        parts.append(
            f'<line x1="{_LEFT}" x2="{_LEFT + plot_width}" y1="{y}" y2="{y}" stroke="#ddd"/>'
        )
        parts.append(f'<text x="{_LEFT - 6}" y="{y + 4}" text-anchor="end">{value:.3g}</text>')
    parts.append(f'<text x="{_LEFT}" y="{_HEIGHT - 8}">{first}</text>')
    parts.append(
        f'<text x="{_LEFT + plot_width}" y="{_HEIGHT - 8}" text-anchor="end">{first + longest - 1}</text>'
    )
    if len(band) > 1:
        edge = [
            *(at(step, below) for step, (below, _) in enumerate(band)),
            *reversed([at(step, above) for step, (_, above) in enumerate(band)]),
        ]
        parts.append(
            f'<polygon fill="{_COLOURS[0]}" fill-opacity="0.15" points="{" ".join(f"{x},{y}" for x, y in edge)}"/>'
        )
    for number, (name, values) in enumerate(shown.items()):
        colour = _COLOURS[number % len(_COLOURS)]
        points = [at(step, value) for step, value in enumerate(values)]
        if len(points) > 1:
            parts.append(
                f'<polyline fill="none" stroke="{colour}" stroke-width="1.5" points="{" ".join(f"{x},{y}" for x, y in points)}"/>'
            )
        else:
            parts.append(f'<circle cx="{points[0][0]}" cy="{points[0][1]}" r="3" fill="{colour}"/>')
        y = 36 + 16 * number
        parts.append(
            f'<rect x="{_WIDTH - _LEGEND + 10}" y="{y - 8}" width="10" height="10" fill="{colour}"/>'
        )
        parts.append(f'<text x="{_WIDTH - _LEGEND + 25}" y="{y + 1}">{escape(name)}</text>')
    return "\n".join([*parts, "</svg>\n"])


def html_page(title: str, charts: Sequence[str], lines: Sequence[str]) -> str:
    """One HTML page of charts and sentences, with nothing outside of it."""
    body = "\n".join(f"<figure>{chart}</figure>" for chart in charts)
    listed = "\n".join(f"<li>{escape(line)}</li>" for line in lines)
    return (
        f'<!doctype html>\n<html lang="en"><meta charset="utf-8"><title>{escape(title)}</title>\n<style>body{{font-family:sans-serif;max-width:720px;'
        f"margin:2rem auto}}figure{{margin:1rem 0}}</style>\n<h1>{escape(title)}</h1>\n{body}\n<ul>\n{listed}\n</ul>\n</html>\n"
    )
