"""Compiling the hot functions once per installation, and never running a stale one.

Numba's cache notices a change in the function's own file, not in a helper or a constant it has compiled in
from another file: the old result would come back. So the cache folder is named by a hash of all sources that
kernels are made of: the modules that import this one, and what those import in turn. It stands in the
package's own ``__pycache__`` or, where that may not be written, in the user's cache folder; where nothing may
be written, every process compiles for itself.
"""

from __future__ import annotations

import ast
import contextlib
import hashlib
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import numba

Function = TypeVar("Function", bound=Callable[..., Any])

# What Numba reads from the environment; its type stubs do not name the settings.
_numba: Any = numba.config

_PACKAGE = Path(__file__).parent


def kernel(function: Function) -> Function:
    """Compile a function when it is first called, and keep the result on disk.

    Division by zero gives inf or nan, as in C; the global interpreter lock is released.
    """
    return _compile(function)


def inlined(function: Function) -> Function:
    """Compile a small hot function into the code of whoever calls it."""
    return _compile(function, forceinline=True)


def _compile(function: Function, **options: Any) -> Function:
    folder = cache_folder()
    compile_here = numba.njit(cache=folder is not None, error_model="numpy", nogil=True, **options)
    with _folder_of_numba(folder):
        compiled: Function = compile_here(function)
    return compiled


@cache
def cache_folder() -> Path | None:
    """Find the first folder that can be written; None if there is none."""
    if not _PACKAGE.is_dir():  # imported from an archive
        return None
    name = f"kernels-{fingerprint(_PACKAGE)}"
    return next((base / name for base in _places() if _can_write(base / name)), None)


def fingerprint(package: Path) -> str:
    """Hash what compiled code depends on and Numba does not look at.

    Parameters
    ----------
    package : Path
        The folder the sources stand in.
    """
    digest = hashlib.sha256(f"{numba.__version__} {_numba.BOUNDSCHECK} {_numba.OPT}".encode())
    for source in sorted(_kernel_sources(package)):
        digest.update(source.relative_to(package).as_posix().encode())
        digest.update(hashlib.sha256(source.read_bytes()).digest())
    return digest.hexdigest()[:16]


def _kernel_sources(package: Path) -> set[Path]:
    mark = f"{package.name}.compiled_cache import".encode()
    waiting = [source for source in package.rglob("*.py") if mark in source.read_bytes()]
    found: set[Path] = set()
    while waiting:
        source = waiting.pop()
        if source not in found:
            found.add(source)
            waiting.extend(_imported(source, package))
    return found


def _imported(source: Path, package: Path) -> Iterator[Path]:
    """Find the files of the package that a source imports from (``from package.module import name``)."""
    for node in ast.walk(ast.parse(source.read_bytes())):
        names = (node.module or "").split(".") if isinstance(node, ast.ImportFrom) else []
        if not isinstance(node, ast.ImportFrom) or names[0] != package.name:
            continue
        module = package.joinpath(*names[1:])
        inside = [module / f"{alias.name}.py" for alias in node.names]
        wanted = inside if all(file.is_file() for file in inside) else [*inside, module / "__init__.py"]
        yield from (file for file in (module.with_suffix(".py"), *wanted) if file.is_file())


def _places() -> Iterator[Path]:
    if _numba.CACHE_DIR:
        yield Path(_numba.CACHE_DIR)
    yield _PACKAGE / "__pycache__"
    with contextlib.suppress(RuntimeError):  # a user without a home
        yield _user_cache(Path.home()) / "servicechain"


def _user_cache(home: Path) -> Path:
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local")
    if sys.platform == "darwin":
        return home / "Library" / "Caches"
    return Path(os.environ.get("XDG_CACHE_HOME") or home / ".cache")


def _can_write(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


@contextlib.contextmanager
def _folder_of_numba(folder: Path | None) -> Iterator[None]:
    """Lend Numba our folder while it decides where a function's cache lies; others keep theirs."""
    before = _numba.CACHE_DIR
    _numba.CACHE_DIR = str(folder or before)
    try:
        yield
    finally:
        _numba.CACHE_DIR = before
