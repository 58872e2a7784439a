"""The training verbs' tables, for people."""

from __future__ import annotations

from rich.table import Table

from inftool.training.evaluation.evaluation import Evaluation


def evaluation_table(evaluation: Evaluation) -> Table:
    """Exact episodes by category, with their intervals and the gates where the others stopped."""
    decoding = ", ".join(f"{key} {value}" for key, value in evaluation.decoding.items())
    table = Table(
        title=f"{evaluation.model} ({decoding}; {evaluation.plays} plays a blueprint)",
        title_justify="left",
        title_style="bold",
    )
    table.add_column("category", justify="left")
    for column in (
        "blueprints",
        "exact",
        "95% interval",
        f"pass^{evaluation.plays}",
        "reward",
        "consistency",
    ):
        table.add_column(column, justify="right")
    table.add_column("stopped at", justify="left")
    for name, group in (*evaluation.categories.items(), ("all", evaluation.overall)):
        low, high = group.interval
        stops = [f"{gate} {times}" for gate, times in group.gates.items() if gate != "passed"]
        table.add_row(
            name,
            str(group.n),
            f"{100 * group.exact:.1f}%",
            f"{100 * low:.1f}–{100 * high:.1f}",
            f"{100 * group.pass_k:.1f}%",
            f"{group.reward:.3f}",
            f"{group.consistency:.2f}",
            ", ".join(stops),
        )
    return table
