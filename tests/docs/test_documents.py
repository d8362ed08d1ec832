"""The documents agree with the workflow: rules, scripts, keys, links, commands; and name no machine."""

import importlib
import re
import subprocess
from pathlib import Path

import pytest
import yaml

from emergent_dynamics.config import ConfigError, load
from emergent_dynamics.config.schema import read_schemas

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = ROOT / "workflow" / "scripts"
TRACKED = [
    ROOT / name
    for name in subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
]
PAGES = sorted(path for path in TRACKED if path.suffix == ".md" and path.exists())
RULES = {
    name: path
    for path in sorted((ROOT / "rules").glob("*.smk"))
    for name in re.findall(r"^rule (\w+):", path.read_text(), re.MULTILINE)
}
SYSTEMS = sorted(read_schemas()[1])
YAML = [
    (page, block)
    for page in PAGES
    for block in re.findall(r"^```yaml\n(.*?)^```$", page.read_text(), re.MULTILINE | re.DOTALL)
]
BINARY = {".png", ".npz", ".npy", ".gz", ".mp4"}
SHARED = ("config", "inputs", "streams", "driver", "store", "statistics", "plotting", "findings", "runtime")


def label(path):
    return str(path.relative_to(ROOT))


def anchors(page):
    """Headings as GitHub links to them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def keys(schema):
    """Keys of an experiment, dotted where one is inside another."""
    for name, inner in schema.get("properties", {}).items():
        yield name
        yield from (f"{name}.{key}" for key in keys(inner))


def test_every_script_has_its_rule_and_every_rule_with_a_script_its_own():
    """A rule and its script have one name; `<system>_simulate` shares simulate.py with the other systems."""
    named = {}
    for path in (ROOT / "rules").glob("*.smk"):
        for block in re.split(r"^rule ", path.read_text(), flags=re.MULTILINE)[1:]:
            if found := re.search(r'script:\s+"\.\./workflow/scripts/(\w+)\.py"', block):
                named[block.partition(":")[0]] = found[1]
    shared = {f"{system}_simulate": "simulate" for system in SYSTEMS}
    assert {rule: script for rule, script in named.items() if shared.get(rule, rule) != script} == {}
    assert {path.stem for path in SCRIPTS.glob("*.py")} == set(named.values())


@pytest.mark.parametrize("system", SYSTEMS)
def test_every_key_of_a_system_is_in_the_configurations_readme(system):
    text = (ROOT / "config" / "README.md").read_text()
    section = text.partition(f"\n## {system}\n")[2].partition("\n## ")[0]
    assert {key for key in keys(read_schemas()[1][system]) if f"| `{key}` |" not in section} == set()


@pytest.mark.parametrize("page", PAGES, ids=label)
def test_every_link_to_a_file_leads_somewhere(page):
    links = re.findall(r"\]\(([^)\s]+)\)", page.read_text())
    for link in [link for link in links if not re.match(r"[a-z]+:", link)]:
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


@pytest.mark.parametrize("page", PAGES, ids=label)
def test_nothing_on_a_page_is_lost_as_a_tag_or_a_cell(page):
    """`<S>` outside code is an HTML tag that no browser shows; a row with more cells than its heading is cut off."""
    text = re.sub(r"^```.*?^```$|<!--.*?-->", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)
    assert re.findall(r"</?[A-Za-z][\w-]*>", re.sub(r"`[^`]*`", "", text)) == []
    for table in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE):
        assert len({len(re.findall(r"(?<!\\)\|", row)) for row in table.splitlines()}) == 1, table[:80]


@pytest.mark.parametrize(("page", "block"), YAML, ids=[label(page) for page, _ in YAML])
def test_every_configuration_that_a_page_shows_is_accepted_up_to_files_of_the_reader(page, block):
    """A block of YAML is a whole configuration; only a path in it may lead nowhere here."""
    try:
        load(yaml.safe_load(block))
    except ConfigError as error:
        assert re.search("must be a file that exists|no such file or folder", str(error)), error


@pytest.mark.parametrize("page", PAGES, ids=label)
def test_every_file_that_a_page_names_exists(page):
    named = re.findall(
        r"`((?:tests|docs|config|rules|profiles|workflow|envs|performance)/[\w./-]+\.\w+)`", page.read_text()
    )
    assert [name for name in named if not (ROOT / name).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=label)
def test_every_make_target_that_a_page_names_exists(page):
    named = set(re.findall(r"(?:^|`)make ([a-z][\w-]*)", page.read_text(), re.MULTILINE))
    makefile = (ROOT / "Makefile").read_text()
    targets = set(" ".join(re.findall(r"^([a-z][\w\- ]*):", makefile, re.MULTILINE)).split())
    assert named <= targets


def test_the_readme_lists_exactly_the_systems_with_rules():
    rows = re.findall(r"^\| `(\w+)` \|.*\| \[notes\]", (ROOT / "README.md").read_text(), re.MULTILINE)
    assert set(rows) == {s for s in SYSTEMS if (ROOT / "rules" / f"{s}.smk").exists()}


def test_every_caption_belongs_to_a_rule_and_every_rule_finds_its_caption():
    text = "".join(path.read_text() for path in [ROOT / "Snakefile", *(ROOT / "rules").glob("*.smk")])
    named = set(re.findall(r"workflow/report/(\w+\.rst)", text))
    drawn = r'figure\(\s*"results/(\w+)/[^"]*?/(\w+)\.\w+",\s*"[^"]*"(?:,\s*(?:caption=)?"(\w+)")?,?\s*\)'
    named |= {f"{system}_{caption or stem}.rst" for system, stem, caption in re.findall(drawn, text)}
    assert named == {path.name for path in (ROOT / "workflow" / "report").glob("*.rst")}


@pytest.mark.parametrize("room", SHARED)
def test_what_a_shared_room_exports_is_explained(room):
    module = importlib.import_module(f"emergent_dynamics.{room}")
    exported = [getattr(module, name) for name in getattr(module, "__all__", ())]
    assert module.__doc__
    assert [thing for thing in exported if callable(thing) and not thing.__doc__] == []


def test_no_file_names_a_machine_or_a_registry():
    found = {}
    for path in TRACKED:
        if path.is_file() and path.suffix not in BINARY and path != Path(__file__).resolve():
            content = path.read_bytes()
            if b"\0" in content:  # a binary file without a suffix
                continue
            text = content.decode("utf-8")
            addresses = re.findall(r"https?://(?!localhost|127\.0\.0\.1)([\w.-]+)(:\d+)?", text)
            hosts = [host for host, port in addresses if port or "." not in host]
            options = re.findall(
                r"--(?:extra-)?index-url\s+\S+|--find-links\s+\S+|\.\./shared|/root/\S+", text
            )
            found |= {label(path): hosts + options} if hosts + options else {}
    assert found == {}


def test_citation_version_and_package_version_agree():
    from emergent_dynamics import __version__

    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert citation["version"] == __version__
    assert citation["license"] == "MIT"
    assert (ROOT / "LICENSE").read_text().startswith("MIT License")
