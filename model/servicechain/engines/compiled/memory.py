"""Memory a kernel can grow: pools of structured elements, reached by their address.

A kernel that gets its arrays as arguments hands seven machine words for each of them to every function it calls,
and cannot go on with a larger one. Here an array is an address in a field of one structure, the `World`; a
function gets that alone, and an element is a reference to a place in memory, whose fields are read and written
like those of an object. The arrays themselves belong to `Pools` on the Python side, which keeps them alive and
replaces them by larger ones between two calls of the kernel.

The trap is an index beyond the end: nobody looks, and what happens then is anybody's guess.
"""

from __future__ import annotations

import hashlib
from typing import Any

import numba
import numpy as np
from llvmlite import ir
from numba.core import types
from numba.core.datamodel import models
from numba.core.imputils import lower_getattr_generic, lower_setattr_generic
from numba.extending import intrinsic, register_model
from numba.np import numpy_support

_WORD = 64
_BYTES = 8


class Element(types.Record):
    """The type of references to a structure: Numba's record, but no two of its fields are taken for one place."""

    told_apart = True

    @classmethod
    def of(cls, dtype: np.dtype[Any]) -> Element:
        """Make the type for a structure."""
        record: Any = numpy_support.from_dtype(dtype)
        fields: Any = [
            (name, {"type": each.type, "offset": each.offset, "alignment": each.alignment, "title": each.title})
            for name, each in record.fields.items()
        ]
        return cls(fields, record.size, record.aligned)

    def place(self, builder: Any, reference: Any, name: str) -> Any:
        """Give the address of a field."""
        bytes_ = builder.bitcast(reference, ir.IntType(_BYTES).as_pointer())
        return builder.gep(bytes_, [ir.Constant(ir.IntType(_WORD), self.offset(name))])

    def mark(self, builder: Any, access: Any, name: str) -> None:
        """Tell the optimiser that what is read or written here is not a field of another name or structure."""
        if not self.told_apart:
            return
        module = builder.module
        digest = hashlib.blake2s(self.name.encode(), digest_size=_BYTES).hexdigest()
        start = ir.Constant(ir.IntType(_WORD), 0)
        kind = module.add_metadata([f"{name} of {digest}", module.add_metadata(["servicechain"]), start])
        access.set_metadata("tbaa", module.add_metadata([kind, kind, start]))

    def alignment(self, name: str) -> int:
        """Tell to what the address of a field is aligned."""
        return _BYTES if self.size % _BYTES == 0 and self.offset(name) % _BYTES == 0 else 1


class Mixed(Element):
    """The type of references to a structure that lies where others lie at other times."""

    told_apart = False


register_model(Element)(models.RecordModel)
register_model(Mixed)(models.RecordModel)


@lower_getattr_generic(Element)
def _read(context: Any, builder: Any, record: Any, reference: Any, name: str) -> Any:
    model = context.data_model_manager[record.typeof(name)]
    place = builder.bitcast(record.place(builder, reference, name), model.get_data_type().as_pointer())
    value = builder.load(place, align=record.alignment(name))
    record.mark(builder, value, name)
    return model.from_data(builder, value)


@lower_setattr_generic(Element)
def _write(context: Any, builder: Any, signature: Any, arguments: Any, name: str) -> None:
    record, given = signature.args
    kind = record.typeof(name)
    model = context.data_model_manager[kind]
    value = model.as_data(builder, context.cast(builder, arguments[1], given, kind))
    place = builder.bitcast(record.place(builder, arguments[0], name), model.get_data_type().as_pointer())
    record.mark(builder, builder.store(value, place, align=record.alignment(name)), name)


def _world_of_code(typing: Any, plain: Any) -> Any:
    record: Any = Element.of(numpy_support.as_dtype(plain))

    def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], context.get_value_type(record))

    return record(plain), code


world_of: Any = intrinsic(_world_of_code)
"""The compiled function that makes a reference of the record that an array gives."""


def reference_to(dtype: np.dtype[Any], mixed: bool = False) -> Any:
    """Make the compiled function ``f(address, index)`` that gives an element of an array of structures.

    Parameters
    ----------
    dtype : dtype
        The structure.
    mixed : bool
        Other structures lie in the same memory at other times.
    """
    record: Any = (Mixed if mixed else Element).of(dtype)

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
    record: Any = Element.of(dtype)
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
