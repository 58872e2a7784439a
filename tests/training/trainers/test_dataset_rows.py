"""Rows of several runs."""

from __future__ import annotations

from inftool.training.trainers.dataset_rows import DatasetRows


def test_rows_come_by_run_and_id_in_whatever_order_they_were_added() -> None:
    rows = DatasetRows[str]()
    for run, name in ((1, "a"), (0, "b"), (0, "a")):
        rows.add(run, name, f"{run}{name}")
    assert rows.in_order() == ["0a", "0b", "1a"]
