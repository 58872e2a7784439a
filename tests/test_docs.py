"""What the documentation names exists: modules, names, files, verbs and flags.

The CHANGELOG is left out, since it lists names that are no longer there. Nothing is imported to
look a name up, so that pages may name what needs an optional package.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import typer.main

from inftool.cli import app
from tests.conftest import ROOT

PAGES = sorted(
    path
    for pattern in ("*.md", "docs/*.md", "benchmarks/*", "examples/*")
    for path in ROOT.glob(pattern)
    if path.suffix in (".md", ".ipynb", ".py") and path.name != "CHANGELOG.md"
)

DOTTED_NAME = re.compile(r"(?<![\w./-])inftool(?:\.[A-Za-z_]\w*)+")
SETTINGS_FILE = "inftool.toml"
"""A file of the user's, written like a dotted name."""

IMPORT = re.compile(r"^\s*from (inftool[\w.]*) import (?:\(([\w\s,]+)\)|([\w, ]+))", re.MULTILINE)
FOLDERS = "agents|benchmarks|docs|examples|inftool|servers|specs|tests"
REPOSITORY_PATH = re.compile(rf"(?<![\w./-])(?:{FOLDERS})/[\w./*-]*")
LINK = re.compile(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)")
CODE_BLOCK = re.compile(r"^```\w*\n(.*?)^```|((?:^    [^\n]*\n)+)", re.MULTILINE | re.DOTALL)
INLINE_CODE = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
FLAG = re.compile(r"(?<![\w-])(--[a-z][a-z-]*|-[a-z])(?![\w-])")

PRETRAINING = ROOT / "inftool" / "training" / "tiny" / "pretraining.py"
"""The only module that is run as a script."""

pages = pytest.mark.parametrize("page", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())


def text_of(page: Path) -> str:
    """A page's text; a notebook's cells one below the other."""
    text = page.read_text("utf-8")
    if page.suffix != ".ipynb":
        return text
    return "\n\n".join("".join(cell["source"]) for cell in json.loads(text)["cells"])


def code_lines(page: Path) -> Iterator[str]:
    """Each line of a page's code blocks without its comment, and each piece of inline code."""
    text = text_of(page)
    for fenced, indented in CODE_BLOCK.findall(text):
        for line in (fenced or indented).splitlines():
            yield line.partition(" #")[0].strip()
    yield from INLINE_CODE.findall(CODE_BLOCK.sub("\n", text))


def exists(dotted: str) -> bool:
    """Whether a dotted name is a module of the package, or a name that one defines.

    Example: `inftool.core.blueprints.Checker`.
    """
    path, parts = ROOT, dotted.split(".")
    while parts and (path / parts[0]).is_dir():
        path /= parts.pop(0)
    if parts and (path / f"{parts[0]}.py").is_file():
        module = path / f"{parts.pop(0)}.py"
    else:
        module = path / "__init__.py"
    body = ast.parse(module.read_text("utf-8")).body
    for part in parts:
        defined = names(body)
        if part not in defined:
            return False
        body = defined[part]
    return True


def names(body: list[ast.stmt]) -> dict[str, list[ast.stmt]]:
    """What statements define, each name with the body of its class; empty for what has none."""
    found: dict[str, list[ast.stmt]] = {}
    for node in body:
        match node:
            case ast.ClassDef(name=name, body=inner):
                found[name] = inner
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                found[name] = []
            case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
                found |= {alias.asname or alias.name: [] for alias in aliases}
            case ast.AnnAssign(target=ast.Name(id=name)):
                found[name] = []
            case ast.Assign(targets=targets):
                found |= {target.id: [] for target in targets if isinstance(target, ast.Name)}
            case ast.If(body=inner):  # what only type checkers import
                found |= names(inner)
    return found


def leads_somewhere(path: str) -> bool:
    """Whether a path or glob of the repository or of the package exists; `.py` may be left out."""
    return any(
        any(folder.glob(ending))
        for folder in (ROOT, ROOT / "inftool")
        for ending in (path, f"{path.rstrip('/')}.py")
    )


@cache
def flags_by_verb() -> dict[str, set[str]]:
    """The flags of each verb of the command line."""
    group = typer.main.get_command(app)
    return {
        name: {"--help"}.union(
            *(
                {*parameter.opts, *parameter.secondary_opts}
                for parameter in command.params
                if parameter.param_type_name == "option"
            )
        )
        for name, command in group.commands.items()  # type: ignore[attr-defined]
    }


def commands(page: Path, program: str) -> Iterator[tuple[str, set[str]]]:
    """Each call of a program on a page: the word after its name, and the flags that follow."""
    for line in code_lines(page):
        for part in re.split(r"&&|\||;", line):
            found = re.search(
                rf"^(?:\S*[/=]\S* |python )*\S*?{program}([a-z][\w-]*)(.*)", part.strip()
            )
            if found:
                yield found[1], set(FLAG.findall(found[2]))


@pages
def test_names_in_the_package_exist(page: Path) -> None:
    text = text_of(page)
    dotted = set(DOTTED_NAME.findall(text)) - {SETTINGS_FILE}
    for module, in_brackets, on_a_line in IMPORT.findall(text):
        imported = re.findall(r"\w+", in_brackets or on_a_line)
        dotted |= {f"{module}.{name}" for name in imported}
    assert {name for name in dotted if not exists(name)} == set()


@pages
def test_paths_and_links_lead_somewhere(page: Path) -> None:
    text = text_of(page)
    paths = {path.rstrip(".") for path in REPOSITORY_PATH.findall(text)}
    assert {path for path in paths if not leads_somewhere(path)} == set()
    links = set(LINK.findall(text)) if page.suffix != ".py" else set()
    assert {link for link in links if not (page.parent / link).exists()} == set()


@pages
def test_commands_have_their_verbs_and_flags(page: Path) -> None:
    unknown = {
        (verb, flag)
        for verb, flags in commands(page, "inftool ")
        for flag in flags
        if verb not in flags_by_verb() or flag not in flags_by_verb()[verb]
    }
    assert unknown == set()
    verbs = {verb for verb, _ in commands(page, "inftool ")}
    assert verbs - set(flags_by_verb()) == set()


@pages
def test_benchmarks_have_the_flags_that_they_are_called_with(page: Path) -> None:
    unknown = {
        (name, flag)
        for name, flags in commands(page, r"benchmarks/")
        if (ROOT / "benchmarks" / f"{name}.py").exists()
        for flag in flags
        if f'"{flag}"' not in (ROOT / "benchmarks" / f"{name}.py").read_text("utf-8")
    }
    assert unknown == set()


@pytest.mark.parametrize("page", sorted((ROOT / "docs").glob("*.md")), ids=lambda path: path.name)
def test_flags_that_stand_alone_belong_to_some_verb(page: Path) -> None:
    scripts = [*(ROOT / "benchmarks").glob("*.py"), PRETRAINING]
    known = {flag for path in scripts for flag in FLAG.findall(path.read_text("utf-8"))}
    known = known.union(*flags_by_verb().values())
    alone = {
        flag for code in code_lines(page) if code.startswith("--") for flag in FLAG.findall(code)
    }
    assert alone - known == set()


def test_what_is_gone_is_found(tmp_path: Path) -> None:
    assert exists("inftool.verify")
    assert exists("inftool.training.integrations.verl.InftoolAgentLoop")
    assert exists("inftool.core.blueprints.Blueprint.plan")
    assert not exists("inftool.core.blueprints.Examiner")
    assert not exists("inftool.servers.world")
    page = tmp_path / "page.md"
    page.write_text(
        "Run `inftool doctor specs --world`, or:\n\n    .venv/bin/inftool synth -n 5  # five\n"
        "\n```bash\nKEY=a inftool eval --model M && python benchmarks/tree.py -n 9\n```\n"
    )
    assert list(commands(page, "inftool ")) == [
        ("synth", {"-n"}),
        ("eval", {"--model"}),
        ("doctor", {"--world"}),
    ]
    assert list(commands(page, "benchmarks/")) == [("tree", {"-n"})]
