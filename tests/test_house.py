"""The house stays a house: which way imports go, how large things are, what the README promises."""

from __future__ import annotations

import ast
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from pipelines.views import VIEWS
from tests.conftest import ROOT, Desk
from tests.internet import Internet

CODE = sorted(path for room in ("crawler", "pipelines", "data") for path in (ROOT / room).rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))
STEPS = ("extract", "relevance", "dates", "figures", "duplicates", "novelty")
NOUNS = ("address", "article", "evidence", "story", "terms", "text", "sentences", "markup", "lines")
README = (ROOT / "README.md").read_text(encoding="utf-8")


def name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield node.module or ""


def ours(path: Path) -> list[str]:
    return [module for module in imports(path) if module.split(".")[0] in ("crawler", "pipelines", "tests")]


@pytest.mark.parametrize("path", [p for p in CODE if name(p).startswith("pipelines")], ids=name)
def test_pipelines_never_import_the_crawler_nor_scrapy(path: Path) -> None:
    typing_only = name(path) in ("pipelines.read", "pipelines.file")  # the two pipeline classes name Crawler in a type
    for module in imports(path):
        assert not module.startswith(("crawler", "tests"))
        assert not module.startswith("scrapy") or typing_only, module


@pytest.mark.parametrize("path", [p for p in CODE if name(p).split(".")[1:2] and name(p).split(".")[1] in STEPS], ids=name)
def test_a_step_knows_only_nouns_and_itself(path: Path) -> None:
    step = name(path).split(".")[1]
    for module in ours(path):
        assert module.split(".")[1] in (*NOUNS, step), f"{name(path)} imports {module}"


@pytest.mark.parametrize("path", [p for p in CODE if name(p).startswith("crawler.spiders.") and p.stem != "__init__"], ids=name)
def test_a_spider_imports_no_step_no_other_spider_and_no_database(path: Path) -> None:
    for module in ours(path):
        if path.stem == "base":
            # what could be the story, and how old a listing says it is, are decided before the fetch
            assert module.split(".")[1] not in set(STEPS) - {"relevance", "dates"}
        else:
            assert not module.startswith("crawler.spiders.") or module == "crawler.spiders.base"
            assert module.split(".")[1] not in STEPS
        assert not module.startswith(("pipelines.store", "pipelines.file", "sqlite"))


@pytest.mark.parametrize("path", CODE, ids=name)
def test_only_the_store_writes_sql(path: Path) -> None:
    if name(path).startswith(("pipelines.store", "pipelines.schema")) or name(path) == "pipelines.views":
        return
    assert not re.search(r"\b(?:INSERT INTO|UPDATE \w+ SET|DELETE FROM)\b", path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", CODE + TESTS, ids=name)
def test_files_and_functions_keep_their_size(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= 300
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert (node.end_lineno or 0) - node.lineno < 40, f"{node.name} is too long"


@pytest.mark.parametrize("path", CODE, ids=name)
def test_public_names_have_docstrings_and_no_attic_is_opened(path: Path) -> None:
    named = {part.removesuffix(".py") for part in path.relative_to(ROOT).parts}
    assert not named & {"utils", "helpers", "core", "managers", "misc", "common"}
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in [*tree.body, *(inner for cls in tree.body if isinstance(cls, ast.ClassDef) for inner in cls.body)]:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            assert ast.get_docstring(node), f"{node.name} has no docstring"


@pytest.mark.parametrize("path", [p for p in CODE if "pipelines" in p.parts], ids=name)
def test_only_the_boundary_asks_the_clock(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    allowed = 1 if name(path) == "pipelines.file" else 0  # FilePipeline hands its clock to the functions below
    assert len(re.findall(r"datetime\.now\(|time\.time\(|date\.today\(", text)) <= allowed


def commands() -> list[str]:
    blocks = re.findall(r"```sh\n(.*?)```", README, re.S)
    return [line.split(" #")[0].strip() for block in blocks for line in block.splitlines() if line.strip()]


@pytest.mark.parametrize("command", [c for c in commands() if c.startswith("make")])
def test_every_make_target_of_the_readme_exists(command: str) -> None:
    subprocess.run([*shlex.split(command), "--dry-run"], cwd=ROOT, check=True, capture_output=True)


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """The seeds and the feeds of the small web; each command works on a copy."""
    with Internet() as internet:
        desk = Desk(tmp_path_factory.mktemp("known") / "news.db", internet.proxy)
        desk.run("seed")
        desk.run("crawl", "feeds")
        yield desk


@pytest.mark.parametrize("command", [c for c in commands() if "scrapy" in c and " fleet " not in c])
def test_every_scrapy_command_of_the_readme_runs(command: str, known: Desk, tmp_path: Path) -> None:
    desk = replace(known, database=tmp_path / "news.db")
    shutil.copy(known.database, desk.database)
    if re.search(r"scrapy (?:split|join|why)", command):
        filed = [row["url"] for row in desk.rows("SELECT url FROM articles WHERE outlet IS NOT NULL ORDER BY rank")]
        command = command.replace("https://www.taz.de/!5963840/", filed[0]).replace("https://orf.at/stories/3339210/", filed[1])
    words = shlex.split(command.removeprefix(".venv/bin/python -m scrapy "))
    words = [word.replace("orf,taz", "tagesfunk,ticker24").replace("export/", f"{tmp_path}/") for word in words]
    words = [word.replace("https://www.taz.de/!5963840/", "http://tagesfunk.example/a/b-c-d-e.html") for word in words]
    if "--again" in words:
        desk.run(*(word for word in words if word != "--again"))
    desk.run(*words)


def test_all_commands_of_the_readme_are_run_by_a_test() -> None:
    assert len(commands()) >= 10
    assert not [command for command in commands() if not command.startswith("make") and "scrapy" not in command]


def test_the_readme_names_every_view_and_exit_code() -> None:
    from crawler import outcome

    assert not [view for view in VIEWS if f"`{view}`" not in README]
    codes = {outcome.SOUND, outcome.FAULT, outcome.USAGE, outcome.UNAVAILABLE, outcome.UNWRITABLE, outcome.LOCKED}
    assert {int(code) for code in re.findall(r"^\| (\d+) \|", README, re.M)} == codes


def test_the_user_s_own_list_of_rooms_stands() -> None:
    for room in ("scrapy.cfg", "crawler", "pipelines", "data", "tests", "seeds", "README.md"):
        assert (ROOT / room).exists()
