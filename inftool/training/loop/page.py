"""The page that shows how a loop went."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from inftool.training.evaluation.evaluation import Evaluation
from inftool.training.loop.records import LoopRound
from inftool.training.svg_charts import html_page, line_chart


def write_page(path: Path, before: Evaluation, rounds: Sequence[LoopRound]) -> None:
    """Write one page: charts of exact episodes and rewards by round, and the gaps in words.

    `before` is the evaluation of the model that the loop began with.
    """
    charts = [_exact_chart(before, rounds)]
    if rewards := [item.reward for item in rounds if item.reward is not None]:
        title = "mean reward at the end of each round's GRPO"
        charts.append(line_chart(title, {"reward": rewards}, low=0.0, high=1.0))
    charts.append(_skill_chart(before, rounds))
    kept = {
        "scripted": [item.kept for item in rounds],
        "by the model": [item.own for item in rounds],
    }
    charts.append(line_chart("conversations kept by round", kept, low=0.0))
    lines = [f"Round {item.round}: {sentence}" for item in rounds for sentence in item.gaps]
    path.write_text(html_page("The loop", charts, lines), "utf-8")


def _exact_chart(before: Evaluation, rounds: Sequence[LoopRound]) -> str:
    exact = {"exact": [before.overall.exact, *(item.exact for item in rounds)]}
    band = [before.overall.interval, *(item.interval for item in rounds)]
    title = (
        "exact plays on held-out specs, before training and after each round, with a 95% interval"
    )
    return line_chart(title, exact, low=0.0, high=1.0, first=0, band=band)


def _skill_chart(before: Evaluation, rounds: Sequence[LoopRound]) -> str:
    start = before.skills()
    skills = {
        name: [start.get(name, 0.0), *(item.skills.get(name, 0.0) for item in rounds)]
        for name in sorted({name for item in rounds for name in item.skills})
    }
    return line_chart("exact plays by category", skills, low=0.0, high=1.0, first=0)
