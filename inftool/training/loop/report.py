"""The training verbs' tables, for people."""

from __future__ import annotations

from rich.table import Table

from inftool.training.evaluation.evaluation import Evaluation


def evaluation_table(evaluation: Evaluation) -> Table:
    """Exact plays by category, with their intervals and where the others stopped."""
    decoding = ", ".join(f"{key} {value}" for key, value in evaluation.decoding.items())
    table = Table(
        title=f"{evaluation.model} ({decoding}; {evaluation.plays} plays a blueprint)",
        title_justify="left",
        title_style="bold",
    )
    for column in (
        "category",
        "blueprints",
        "exact",
        "95% interval",
        f"pass^{evaluation.plays}",
        "reward",
        "consistency",
        "stopped at",
    ):
        table.add_column(
            column, justify="left" if column in ("category", "stopped at") else "right"
        )
    for name, group in (*evaluation.categories.items(), ("all", evaluation.overall)):
        stops = ", ".join(
            f"{gate} {times}" for gate, times in group.gates.items() if gate != "passed"
        )
        low, high = group.interval
        table.add_row(
            name,
            str(group.n),
            f"{100 * group.exact:.1f}%",
            f"{100 * low:.1f}–{100 * high:.1f}",
            f"{100 * group.pass_k:.1f}%",
            f"{group.reward:.3f}",
            f"{group.consistency:.2f}",
            stops,
        )
    return table
