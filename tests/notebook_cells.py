"""Executes the code cells of a notebook, one after the other, as Jupyter would: ``python notebook_cells.py FILE``.

Where a cell ends with an expression, its value is shown in every way a notebook could show it.
"""

import ast
import json
import sys
from pathlib import Path

FORMS = ("_repr_html_", "_repr_svg_", "_repr_png_", "__repr__")


def code_cells(file):
    """The code of a notebook: name and text of each cell."""
    cells = json.loads(Path(file).read_text(encoding="utf-8"))["cells"]
    return [(cell["id"], "".join(cell["source"])) for cell in cells if cell["cell_type"] == "code"]


def execute(name, text, names):
    """Execute one cell; give the forms its last expression can be shown in."""
    tree = ast.parse(text, f"cell {name}")
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, f"cell {name}", "exec"), names)
    if last is None:
        return []
    value = eval(compile(ast.Expression(last.value), f"cell {name}", "eval"), names)
    found = {form: getattr(value, form)() for form in FORMS if value is not None and hasattr(value, form)}
    return [form for form, shown in found.items() if shown]


def main(file):
    names = {"__name__": "__main__"}
    for name, text in code_cells(file):
        print(name, *execute(name, text, names))


if __name__ == "__main__":
    main(sys.argv[1])
