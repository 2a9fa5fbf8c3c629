"""How the functions of the kernel are compiled: as drafts, which its one entry makes into machine code, together.

Numba makes every function into machine code of its own, with all that it calls, before it looks at who calls it. The
kernel has some three hundred functions that only other functions of it call; so the same code would be optimised
again and again, and most of it never run. A *draft* is only translated; the entry links all drafts it
needs, once, optimises the whole, and keeps it on disk.

What is *rare* is told to the compiler, which then keeps it out of the way of what is not: it would else take both
sides of every branch to be as likely.

A draft cannot be called from Python. The trap: this leans on Numba's code libraries from inside, so another version of
Numba has to be tried before it is allowed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import llvmlite.binding
import numba
from numba.core.codegen import CPUCodeLibrary
from numba.core.compiler import Compiler

# the name marks this file, and all that it imports, as a source of kernels
from servicechain.compiled_cache import kernel as entry

__all__ = ["entry", "part", "rare", "small"]

Function = TypeVar("Function", bound=Callable[..., Any])


class _DraftLibrary(CPUCodeLibrary):
    """The translation of one function, and which others it calls."""

    is_rare = False

    def finalize(self) -> None:
        """Be complete, without being linked, optimised or made into machine code."""
        self._raise_if_finalized()
        self._finalize_dynamic_globals()
        self._finalized = True

    def _get_module_for_linking(self) -> Any:
        """Give this function together with all it calls, for the entry; nobody else will ever call those."""
        own = {function.name for function in self._final_module.functions if not function.is_declaration}
        drafts, others = self._all_called()
        whole = self._final_module.clone()
        rare = set()
        for library in drafts:
            whole.link_in(library._final_module, preserve=True)
            if library.is_rare:
                rare |= {one.name for one in library._final_module.functions if not one.is_declaration}
        # these are dropped where nobody calls them, so who may call them comes first
        for library in others:
            whole.link_in(library._get_module_for_linking(), preserve=True)
        _resolve_recursion(whole)
        for function in whole.functions:
            if not function.is_declaration:
                function.linkage = "linkonce_odr" if function.name in own else "internal"
            if function.name in rare:
                function.add_function_attribute("cold")
                function.add_function_attribute("noinline")
        return whole

    def _all_called(self) -> tuple[list[Any], list[Any]]:
        """Give the libraries of all that is called from here, drafts and others."""
        drafts: dict[Any, None] = {}
        others: dict[Any, None] = {}
        waiting = [*self._linking_libraries]
        while waiting:
            library = waiting.pop()
            self._reload_init.update(library._reload_init)
            if not isinstance(library, _DraftLibrary):
                others[library] = None
            elif library is not self and library not in drafts:
                drafts[library] = None
                waiting.extend(library._linking_libraries)
        return [*drafts], [*others]


def _resolve_recursion(module: Any) -> None:
    """Let a function that calls itself find itself here; Numba looks in memory, where nothing from disk is found."""
    mark = ".numba.unresolved$"
    names = [each.name for each in module.global_variables if each.name.startswith(mark)]
    for name in names:
        own = name.removeprefix(mark)
        text = f'declare i32 @"{own}"()\n@"{name}" = linkonce_odr constant ptr @"{own}"\n'
        addition = llvmlite.binding.parse_assembly(text)
        addition.data_layout = module.data_layout
        module.link_in(addition)


class _Draft(Compiler):
    """Translates a function, and leaves the rest to the entry."""

    is_rare = False

    def _compile_core(self) -> Any:
        state = self.state
        codegen = state.targetctx.codegen()
        state.library = _DraftLibrary(codegen, state.func_id.func_qualname)
        state.library.is_rare = self.is_rare
        state.flags.no_compile = True
        state.flags.no_cpython_wrapper = True
        state.flags.no_cfunc_wrapper = True
        result = super()._compile_core()
        result.library.finalize()
        # Numba knows a compiled function by a callable of its own; this one is never called
        key: Any = [].append
        state.targetctx.insert_user_function(key, result.fndesc, [result.library])
        return result._replace(entry_point=key)


class _RareDraft(_Draft):
    is_rare = True


def part(function: Function) -> Function:
    """Compile a function that only the kernel calls."""
    # said outright, or it would take over what holds for who is compiled at that moment
    return _drafted(function, inline=False)


def rare(function: Function) -> Function:
    """Compile a part that is seldom needed, or only by chains with something special."""
    return _drafted(function, inline=False, pipeline=_RareDraft)


def small(function: Function) -> Function:
    """Compile a small function into whoever calls it."""
    return _drafted(function, inline=True)


def _drafted(function: Function, inline: bool, pipeline: type[_Draft] = _Draft) -> Function:
    compiled: Any = numba.njit(error_model="numpy", nogil=True, forceinline=inline, pipeline_class=pipeline)(function)
    return compiled
