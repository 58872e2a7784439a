"""Curves as SVG, with nothing to install for it: losses, rewards and shares of gates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

# Hues far apart, dark enough to read on white.
_COLORS = (
    *("#2563eb", "#dc2626", "#059669", "#d97706", "#7c3aed"),
    *("#0891b2", "#be185d", "#4d7c0f", "#525252"),
)
# In pixels: the whole chart, and what its title, axes and legend take of it.
_WIDTH, _HEIGHT = 640, 240
_LEFT, _TOP, _BOTTOM, _LEGEND = 48, 28, 28, 130
_LEGEND_LINE = 16
# Where horizontal lines are drawn, as shares of the height.
_GRID = (0.0, 0.5, 1.0)

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class _Plot:
    """Where values lie in the chart."""

    low: float
    high: float

    steps: int
    """How many steps the longest series has."""

    @property
    def width(self) -> int:
        return _WIDTH - _LEFT - _LEGEND

    @property
    def height(self) -> int:
        return _HEIGHT - _BOTTOM - _TOP

    def point(self, step: int, value: float) -> Point:
        """The place of a value, in pixels from the top left; a lone step is in the middle."""
        share = step / (self.steps - 1) if self.steps > 1 else 0.5
        rise = (value - self.low) / (self.high - self.low)
        return round(_LEFT + self.width * share, 1), round(_TOP + self.height * (1 - rise), 1)


def line_chart(
    title: str,
    series: Mapping[str, Sequence[float]],
    *,
    low: float | None = None,
    high: float | None = None,
    first: int = 1,
    band: Sequence[tuple[float, float]] = (),
) -> str:
    """An SVG with one line for each series over its steps, which are counted from `first`.

    A series of one value is a dot, an empty one is left out. `low` and `high` bound the values;
    by default the values do. `band` is an interval for each step, drawn behind the lines.
    """
    # Everything is placed relative to the values that are shown.
    shown = {name: list(values) for name, values in series.items() if values}
    plot = _plot(list(shown.values()), low, high)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" '
        'font-family="sans-serif" font-size="11" role="img">',
        f"<title>{escape(title)}</title>",
        f'<text x="{_LEFT}" y="16" font-size="13" font-weight="bold">{escape(title)}</text>',
        *_axes(plot, first),
    ]
    if len(band) > 1:
        lower = [plot.point(step, below) for step, (below, _) in enumerate(band)]
        upper = [plot.point(step, above) for step, (_, above) in enumerate(band)]
        outline = _points([*lower, *reversed(upper)])
        parts.append(f'<polygon fill="{_COLORS[0]}" fill-opacity="0.15" points="{outline}"/>')
    for number, (name, values) in enumerate(shown.items()):
        color = _COLORS[number % len(_COLORS)]
        points = [plot.point(step, value) for step, value in enumerate(values)]
        parts += [_curve(points, color), *_legend_entry(number, name, color)]
    return "\n".join([*parts, "</svg>\n"])


def html_page(title: str, charts: Sequence[str], lines: Sequence[str]) -> str:
    """One HTML page with charts and a list of sentences; it loads nothing from elsewhere."""
    figures = "\n".join(f"<figure>{chart}</figure>" for chart in charts)
    items = "\n".join(f"<li>{escape(line)}</li>" for line in lines)
    style = "body{font-family:sans-serif;max-width:720px;margin:2rem auto}figure{margin:1rem 0}"
    return (
        '<!doctype html>\n<html lang="en"><meta charset="utf-8">'
        f"<title>{escape(title)}</title>\n<style>{style}</style>\n<h1>{escape(title)}</h1>\n"
        f"{figures}\n<ul>\n{items}\n</ul>\n</html>\n"
    )


def _plot(series: Sequence[Sequence[float]], low: float | None, high: float | None) -> _Plot:
    values = [value for row in series for value in row] or [0.0]
    bottom = min(values) if low is None else low
    top = max(values) if high is None else high
    # A flat line lies at the bottom of a chart of height 1.
    steps = max((len(row) for row in series), default=1)
    return _Plot(bottom, top if top > bottom else bottom + 1.0, steps)


def _axes(plot: _Plot, first: int) -> list[str]:
    """The horizontal lines with their values, and the first and last step below."""
    right = _LEFT + plot.width
    parts = []
    for share in _GRID:
        value = plot.low + share * (plot.high - plot.low)
        _, y = plot.point(0, value)
        parts += [
            f'<line x1="{_LEFT}" x2="{right}" y1="{y}" y2="{y}" stroke="#ddd"/>',
            f'<text x="{_LEFT - 6}" y="{y + 4}" text-anchor="end">{value:.3g}</text>',
        ]
    y, last = _HEIGHT - 8, first + plot.steps - 1
    return [
        *parts,
        f'<text x="{_LEFT}" y="{y}">{first}</text>',
        f'<text x="{right}" y="{y}" text-anchor="end">{last}</text>',
    ]


def _curve(points: Sequence[Point], color: str) -> str:
    if len(points) > 1:
        return (
            f'<polyline fill="none" stroke="{color}" stroke-width="1.5" '
            f'points="{_points(points)}"/>'
        )
    x, y = points[0]
    return f'<circle cx="{x}" cy="{y}" r="3" fill="{color}"/>'


def _legend_entry(number: int, name: str, color: str) -> list[str]:
    left, y = _WIDTH - _LEGEND, 36 + _LEGEND_LINE * number
    return [
        f'<rect x="{left + 10}" y="{y - 8}" width="10" height="10" fill="{color}"/>',
        f'<text x="{left + 25}" y="{y + 1}">{escape(name)}</text>',
    ]


def _points(points: Sequence[Point]) -> str:
    """[(1.0, 2.0), (3.0, 4.5)] -> "1.0,2.0 3.0,4.5" """
    return " ".join(f"{x},{y}" for x, y in points)
