import ast
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1] / "model"
FILES = sorted(ROOT.rglob("*.py"))

MODELLED = {
    *("errors", "units", "distributions", "patterns", "problems", "base", "steps", "arrivals"),
    *("actors", "services", "customers", "circles", "places", "rules", "chain"),
    *("shifts", "calendars", "failures", "populations", "custom_steps"),
    *("rules_answers", "rules_circles", "rules_numbers", "rules_together"),
    *("flows", "totals", "answering", "load", "graph", "lint", "loading", "files", "wording"),
}
RUNNING = (
    *("engines", "results", "metrics", "running", "studies", "experience", "cli"),
    *("attribution", "parts", "paths", "leverage", "shapley", "counterfactuals", "changes"),
)
# A chain can be told to draw itself; distributions are drawn from by compiled code.
LENT = {"plots", "compiled_cache"}


def module_of(file):
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def tree_of(file):
    return ast.parse(file.read_text(encoding="utf-8"))


@cache
def imports(file):
    """The modules a file imports, wherever in it; what is only for type checkers too."""
    return tuple(imported(file))


def imported(file):
    for node in ast.walk(tree_of(file)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield "." * node.level + (node.module or "")
            yield from (f"{node.module}.{alias.name}" for alias in node.names if not node.level)
        elif isinstance(node, ast.Call) and ast.unparse(node.func) == "import_module" and node.args:
            argument = node.args[0]
            if isinstance(argument, ast.Constant):
                yield argument.value


def inside(module, *parts):
    return any(module == f"servicechain.{part}" or module.startswith(f"servicechain.{part}.") for part in parts)


def offenders(files, *parts):
    return [f"{module_of(file)} imports {name}" for file in files for name in imports(file) if inside(name, *parts)]


def files_of(*parts):
    found = [file for file in FILES if inside(module_of(file), *parts)]
    assert found, parts
    return found


def test_the_list_of_what_is_modelled_is_true():
    for part in MODELLED:
        files_of(part)


def test_what_is_modelled_knows_nothing_of_what_runs_it():
    assert offenders(files_of(*MODELLED), *RUNNING) == []


def test_what_is_modelled_imports_its_own_kind_only():
    # Arrows point one way: a new module in the middle has to be put on one side.
    own = [name for file in files_of(*MODELLED) for name in imports(file) if name.startswith("servicechain.")]
    assert {name.split(".")[1] for name in own if not name.split(".")[1][:1].isupper()} <= MODELLED | LENT


def test_a_chain_imports_its_pictures_only_when_it_draws():
    for file in files_of(*MODELLED):
        top = [node for node in tree_of(file).body if isinstance(node, ast.ImportFrom)]
        assert not any(inside(node.module or "", "plots") for node in top), file


def test_engines_know_nothing_of_what_is_made_of_them():
    assert (
        offenders(files_of("engines"), "results", "metrics", "running", "studies", "experience", "plots", "cli") == []
    )


def test_only_who_shows_or_asks_for_studies_imports_them():
    # what they have compiled is kept with the rest of it
    others = [file for file in FILES if not inside(module_of(file), "studies", "plots", "cli", "warming")]
    assert offenders([file for file in others if module_of(file) != "servicechain"], "studies") == []


def test_nothing_but_the_command_line_imports_the_command_line():
    others = [file for file in FILES if not inside(module_of(file), "cli")]
    assert offenders(others, "cli") == []


@pytest.mark.parametrize("file", FILES, ids=module_of)
def test_a_file_is_a_small_room_with_absolute_imports(file):
    text = file.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 400
    found = list(imports(file))
    assert [name for name in found if name.startswith(".") or name.split(".")[0] == "model"] == []
    assert not any(isinstance(node, ast.ImportFrom) and node.names[0].name == "*" for node in ast.walk(tree_of(file)))


@pytest.mark.parametrize("file", FILES, ids=module_of)
def test_a_file_says_what_it_is(file):
    assert ast.get_docstring(tree_of(file))


def test_no_file_swallows_every_error_or_prints_past_the_command_line():
    for file in FILES:
        for node in ast.walk(tree_of(file)):
            if isinstance(node, ast.ExceptHandler):
                assert node.type is not None, file
                assert "Exception" not in ast.unparse(node.type).split(", "), file
            if isinstance(node, ast.Call):
                assert ast.unparse(node.func) != "print", file
