"""Names in a source file as what they were imported from: `np.load`, `load` of numpy and `numpy.load` are one."""

from __future__ import annotations

import ast


class Names:
    """What the names of a parsed module stand for, wherever in it they are imported."""

    def __init__(self, tree: ast.AST) -> None:
        self._known: dict[str, str] = {}
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    bound = alias.asname or alias.name.split(".")[0]
                    self._known[bound] = alias.name if alias.asname else bound
            elif isinstance(node, ast.ImportFrom) and node.module:
                for alias in node.names:
                    self._known[alias.asname or alias.name] = f"{node.module}.{alias.name}"

    def full(self, node: ast.AST) -> str:
        """Return `a.b.c` of a name or an attribute chain, its first part as imported; '' where the chain begins otherwise."""
        if isinstance(node, ast.Name):
            return self._known.get(node.id, node.id)
        if isinstance(node, ast.Attribute):
            before = self.full(node.value)
            return f"{before}.{node.attr}" if before else ""
        return ""

    def last(self, node: ast.AST) -> str:
        """Return the full name, and of a method of whatever expression `.method`."""
        found = self.full(node)
        return found or (f".{node.attr}" if isinstance(node, ast.Attribute) else "")
