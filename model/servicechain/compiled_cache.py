"""Compiling the hot functions once per installation, and never running a stale one.

Numba's cache notices a change in the function's own file, not in a helper or a constant it has compiled in
from another file: the old result would come back. So the cache folder is named by a hash of all sources that
kernels are made of: the modules that import this one, and what those import in turn. It stands in the
package's own ``__pycache__`` or, where that may not be written, in the user's cache folder; where nothing may
be written, every process compiles for itself.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import pickle
import re
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Collection, Iterator
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import numba

Function = TypeVar("Function", bound=Callable[..., Any])

# What Numba reads from the environment; its type stubs do not name the settings.
_numba: Any = numba.config

_PACKAGE = Path(__file__).parent

UNUSED_DAYS = 30
"""A cache folder that nobody has used for so long is cleared away."""

_FOLDER = re.compile(r"kernels-[0-9a-f]{16}")
_FROM = re.compile(rb"^[ \t]*from[ \t]+([\w.]+)[ \t]+import[ \t]+(\([^)]*\)|[^\n]*)", re.MULTILINE)
_COMMENT = re.compile(rb"#[^\n]*")
_NAME = re.compile(rb"(\w+)(?:\s+as\s+\w+)?\s*(?:,|\Z)")

# what makes a function part of a kernel, and the modules it comes from: this one, and the engine's own
_DECORATORS = {b"kernel", b"inlined", b"entry", b"part", b"small"}
_HOMES = (b"compiled_cache", b"compiling")

# Numba's setting is one for the whole process
_lending = threading.Lock()


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
    folder = next((base / name for base in _places() if _can_write(base / name)), None)
    if folder is not None:
        with contextlib.suppress(OSError):
            os.utime(folder)  # reading leaves no trace, and what nobody uses is cleared away
    return folder


def is_kept(source: Path, function: str) -> bool:
    """Tell whether a compiled function lies in the cache, ready for this machine, without importing its module.

    Parameters
    ----------
    source : Path
        The file the function stands in.
    function : str
        Its name, one at the top of the file.
    """
    folder = cache_folder()
    if folder is None or not source.is_file():
        return False
    version = f"{sys.version_info[0]}{sys.version_info[1]}{getattr(sys, 'abiflags', '')}"
    indices = folder.glob(f"*/{source.stem}.{function}-*.py{version}.nbi")
    return any(_holds_code(index, source) for index in indices)


def _holds_code(index: Path, source: Path) -> bool:
    """Look into an index of Numba's: its version, then the stamp of the source and the name of each file of code.

    The stamp is a hash of the source or, in earlier releases, its time and size. Each file of code is filed under the
    types of the arguments, the machine it is for, and the function's bytecode.
    """
    from numba.core.registry import cpu_target

    text, status = source.read_bytes(), source.stat()
    fresh = (hashlib.sha256(text).digest(), (status.st_mtime, status.st_size))
    machine = cpu_target.target_context.codegen().magic_tuple()
    try:
        with index.open("rb") as file:
            if pickle.load(file) != numba.__version__:
                return False
            stamp, files = pickle.load(file)
        return stamp in fresh and any(key[1] == machine and (index.parent / files[key]).is_file() for key in files)
    except (OSError, EOFError, pickle.UnpicklingError):
        return False  # cut off, or cleared away just now


def clear_unused() -> list[Path]:
    """Clear away the cache folders of earlier sources that nobody has used for a month; name those that are gone.

    Only what Numba wrote is removed: a folder that holds anything else stays, without its code.
    """
    own, gone = cache_folder(), []
    for place in _places():
        for folder in _folders_in(place):
            if folder != own and _days_unused(folder) > UNUSED_DAYS:
                with contextlib.suppress(OSError):
                    _remove(folder)
                    gone.append(folder)
    return gone


def _folders_in(place: Path) -> list[Path]:
    try:
        found = sorted(place.iterdir())
    except OSError:
        return []
    return [each for each in found if _FOLDER.fullmatch(each.name) and each.is_dir() and not each.is_symlink()]


def _days_unused(folder: Path) -> float:
    try:
        return (time.time() - folder.stat().st_mtime) / 86400
    except OSError:
        return 0.0  # somebody else is clearing away


def _remove(folder: Path) -> None:
    for inside in [each for each in folder.iterdir() if each.is_dir() and not each.is_symlink()]:
        for file in inside.iterdir():
            if file.suffix in (".nbi", ".nbc") or ".nbi.tmp." in file.name or ".nbc.tmp." in file.name:
                file.unlink()
        inside.rmdir()
    folder.rmdir()


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
    texts = {source: source.read_bytes() for source in _sources(package)}
    waiting = [source for source, text in texts.items() if _compiles(text)]
    found: set[Path] = set()
    while waiting:
        source = waiting.pop()
        if source not in found:
            found.add(source)
            waiting.extend(_imported(texts[source], package, texts))
    return found


def _compiles(text: bytes) -> bool:
    """Tell whether a source takes one of the decorators; to look after the cache makes no kernel."""
    if not any(home in text for home in _HOMES):
        return False
    found = _FROM.findall(text)
    return any(module.endswith(_HOMES) and not _DECORATORS.isdisjoint(_names(names)) for module, names in found)


def _sources(package: Path) -> Iterator[Path]:
    """List the package's sources; what compiled code lies among them is passed over, for it may be much."""
    for folder, inside, files in os.walk(package):
        inside[:] = [name for name in inside if name != "__pycache__"]
        yield from (Path(folder, name) for name in files if name.endswith(".py"))


def _imported(text: bytes, package: Path, known: Collection[Path]) -> Iterator[Path]:
    """Find the files of the package that a source imports from (``from package.module import name``).

    It is read as text: parsing some fifty sources would take longer than all else that is done before a run.
    """
    for module, names in _FROM.findall(text):
        parts = module.decode().split(".")
        if parts[0] == package.name:
            place = package.joinpath(*parts[1:])
            inside = [place / f"{name.decode()}.py" for name in _names(names)]
            wanted = inside if all(file in known for file in inside) else [*inside, place / "__init__.py"]
            yield from (file for file in (place.with_suffix(".py"), *wanted) if file in known)


def _names(imported: bytes) -> list[bytes]:
    names: list[bytes] = _NAME.findall(_COMMENT.sub(b"", imported).strip(b"() \t\r\n"))
    return names


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
    with _lending:
        before = _numba.CACHE_DIR
        _numba.CACHE_DIR = str(folder or before)
        try:
            yield
        finally:
            _numba.CACHE_DIR = before
