from pathlib import Path

import numba
import pytest

from servicechain import compiled_cache
from servicechain.compiled_cache import cache_folder, fingerprint, inlined, kernel

SOURCES = {
    "__init__.py": "",
    "compiled_cache.py": "",
    "errors.py": "",
    "layout.py": "WIDTH = 3",
    "shapes/__init__.py": "",
    "shapes/codes.py": "ROUND = 1",
    "shapes/helper.py": "from chain.compiled_cache import inlined\nfrom chain.layout import WIDTH",
    "engine/kernel.py": "from chain.compiled_cache import kernel\nfrom chain.shapes import codes",
    "engine/caller.py": "from chain.engine import kernel",
    "warming.py": "from chain.compiled_cache import (\n    cache_folder,  # not kernel\n)\nfrom chain.errors import A",
    "engine/compiling.py": "from chain.compiled_cache import kernel as entry\n__all__ = ['entry']",
    "engine/walk.py": "from chain.engine.compiling import part, entry\nfrom chain.engine import lines",
    "engine/lines.py": "FIRST = 1",
}


@pytest.fixture
def package(tmp_path):
    for name, text in SOURCES.items():
        source = tmp_path / "chain" / name
        source.parent.mkdir(parents=True, exist_ok=True)
        source.write_text(text + "\n")
    return tmp_path / "chain"


@pytest.fixture
def anew(monkeypatch):
    """Look for the folder again in this test, and once more after it."""
    cache_folder.cache_clear()
    yield monkeypatch
    monkeypatch.undo()
    cache_folder.cache_clear()


COMPILED = [
    *("compiled_cache.py", "layout.py", "shapes/codes.py", "shapes/helper.py"),
    *("engine/kernel.py", "engine/compiling.py", "engine/walk.py", "engine/lines.py"),
]


@pytest.mark.parametrize("name", SOURCES)
def test_what_kernels_are_made_of_makes_a_new_cache_and_nothing_else(package, name):
    before = fingerprint(package)
    assert fingerprint(package) == before
    with (package / name).open("a") as source:
        source.write("# changed\n")
    assert (fingerprint(package) != before) is (name in COMPILED)


def test_a_renamed_source_makes_a_new_cache(package):
    before = fingerprint(package)
    (package / "engine/kernel.py").rename(package / "engine/core.py")
    assert fingerprint(package) != before


def test_a_name_from_a_package_reaches_into_it(package):
    (package / "shapes/__init__.py").write_text("from chain.errors import Mistake\n")
    (package / "engine/kernel.py").write_text(
        "from chain.compiled_cache import kernel\nfrom chain.shapes import Mistake"
    )
    before = fingerprint(package)
    (package / "errors.py").write_text("Mistake = ValueError\n")
    assert fingerprint(package) != before


def test_the_constants_of_the_draws_are_among_them():
    package = Path(compiled_cache.__file__).parent
    names = {source.relative_to(package).as_posix() for source in compiled_cache._kernel_sources(package)}
    assert {"engines/draws.py", "distributions/codes.py", "distributions/special.py"} <= names
    assert "errors.py" not in names


def test_all_that_the_kernel_is_made_of_is_among_them():
    package = Path(compiled_cache.__file__).parent
    names = {source.relative_to(package).as_posix() for source in compiled_cache._kernel_sources(package)}
    folder = package / "engines" / "compiled"
    taking = {
        source.relative_to(package).as_posix()
        for source in folder.rglob("*.py")
        if "compiling import" in source.read_text(encoding="utf-8")
    }
    assert "engines/compiled/kernel.py" in taking
    assert taking | {"engines/compiled/layout.py"} <= names


def test_another_numba_makes_a_new_cache(package, monkeypatch):
    before = fingerprint(package)
    monkeypatch.setattr(numba, "__version__", "0.0")
    assert fingerprint(package) != before


def test_what_is_compiled_is_kept(anew, tmp_path):
    anew.setattr(numba.config, "CACHE_DIR", str(tmp_path))
    assert cache_folder().parent == tmp_path

    @kernel
    def twice(x):
        return x + x

    assert twice(2) == 4
    assert list(tmp_path.rglob("*twice*.nbc"))
    assert str(tmp_path) == numba.config.CACHE_DIR


@pytest.fixture
def blocked(anew, tmp_path):
    """Make the package's own folder one that cannot be written: it holds a file named __pycache__."""
    anew.setattr(numba.config, "CACHE_DIR", "")
    anew.setattr(compiled_cache, "_PACKAGE", tmp_path)
    (tmp_path / "__pycache__").touch()
    return anew


def test_the_users_folder_when_the_package_cannot_be_written(blocked, tmp_path):
    blocked.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    blocked.setattr("sys.platform", "linux")
    assert cache_folder().parent == tmp_path / "cache" / "servicechain"


def test_without_any_folder_it_compiles_all_the_same(blocked, tmp_path):
    blocked.setattr(compiled_cache, "_user_cache", lambda home: tmp_path / "__pycache__")
    assert cache_folder() is None

    @inlined
    def thrice(x):
        return 3 * x

    assert thrice(2) == 6
    assert numba.config.CACHE_DIR == ""


def test_a_user_without_a_home(blocked):
    def homeless():
        raise RuntimeError

    blocked.setattr(compiled_cache.Path, "home", homeless)
    assert cache_folder() is None


def test_a_package_in_an_archive(blocked, tmp_path):
    blocked.setattr(compiled_cache, "_PACKAGE", tmp_path / "archive.zip" / "servicechain")
    assert cache_folder() is None
