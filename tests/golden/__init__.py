"""Golden files: today's behavior pinned case by case, so that a refactoring can be checked.

A case (see `cases.py`) runs a public entry point of InfTool and brings what comes out into a
normal form (`normal.py`). `expected/CASE.json` holds, for each entry of that form, a few readable
fields and a short digest of each part. `test_golden.py` compares the two and prints what differs.

Compare:

    pytest tests/golden                      everything but the training loop, about a minute of CPU
    pytest tests/golden -m nightly           the training loop, which needs the extra `train`

Renew on purpose, after a wanted change (commit the new files by themselves and say why):

    python -m tests.golden --renew           every case
    python -m tests.golden --renew verify export

See what a digest stands for. The full normal forms are written as JSON lines, one file a case, so
that two checkouts can be compared:

    python -m tests.golden --dump /tmp/new   then the same in the other checkout with /tmp/old
    diff -r /tmp/old /tmp/new

`--list` prints the names of the cases. Cases over real specs need the folder `../shared` beside
the checkout, or the folder that the environment variable INFTOOL_SHARED names; they are skipped
where it is absent. A case always compiles its specs afresh: the compile cache of the user is not
read.

The cases use only names that stay: the command line, and `compile_specs`, `build_server`,
`synthesize` and `verify` from `inftool`.
"""
