"""Memory a kernel can grow: pools of structured elements, reached by their address.

A kernel that gets its arrays as arguments hands seven machine words for each of them to every function it calls,
and cannot go on with a larger one. Here an array is an address in a field of one structure, the `World`; a
function gets that alone, and an element is a reference to a place in memory, whose fields are read and written
like those of an object. The arrays themselves belong to `Pools` on the Python side, which keeps them alive and
replaces them by larger ones between two calls of the kernel.

The trap is an index beyond the end: nobody looks, and what happens then is anybody's guess.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic
from numba.np import numpy_support

_WORD = 64


def reference_to(dtype: np.dtype[Any]) -> Any:
    """Make the compiled function ``f(address, index)`` that gives an element of an array of structures."""
    record: Any = numpy_support.from_dtype(dtype)

    @intrinsic
    def element(typing: Any, address: Any, index: Any) -> Any:
        def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            width = ir.Constant(ir.IntType(_WORD), dtype.itemsize)
            place = builder.add(arguments[0], builder.mul(_word(builder, arguments[1]), width))
            return builder.inttoptr(place, context.get_value_type(record))

        return record(types.int64, index), code

    return element


def element_of(whole: np.dtype[Any], field: str, dtype: np.dtype[Any]) -> Any:
    """Make the compiled function ``f(world, index)`` that gives an element of the array a field holds the address of.

    The kernel never changes an address, and the compiler is told so: else it would have to read it anew after
    every value that is written anywhere.
    """
    record: Any = numpy_support.from_dtype(dtype)
    fields = whole.fields
    assert fields is not None
    offset = fields[field][1]

    @intrinsic
    def element(typing: Any, world: Any, index: Any) -> Any:
        def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            word = ir.IntType(_WORD)
            bytes_ = builder.bitcast(arguments[0], ir.IntType(8).as_pointer())
            place = builder.gep(bytes_, [ir.Constant(word, offset)])
            address = builder.load(builder.bitcast(place, word.as_pointer()))
            address.set_metadata("invariant.load", builder.module.add_metadata([]))
            width = ir.Constant(word, dtype.itemsize)
            found = builder.add(address, builder.mul(_word(builder, arguments[1]), width))
            return builder.inttoptr(found, context.get_value_type(record))

        return record(world, index), code

    return element


def _word(builder: Any, value: Any) -> Any:
    return value if value.type.width == _WORD else builder.sext(value, ir.IntType(_WORD))


_carray: Any = numba.carray  # type: ignore[attr-defined]  # its types name it elsewhere


def _floats_from_code(typing: Any, address: Any) -> Any:
    def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.inttoptr(arguments[0], context.get_value_type(types.CPointer(types.float64)))

    return types.CPointer(types.float64)(types.int64), code


_floats_from: Any = intrinsic(_floats_from_code)


@numba.njit(forceinline=True)
def floats(address: int, count: int) -> Any:
    """Give the array of floats at an address."""
    array: Any = _carray(_floats_from(address), (count,))
    return array
