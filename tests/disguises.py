"""Copies in disguise, and programs drawn at random, for tests and figures of `autograder.similarity`."""

from __future__ import annotations

import ast
import functools
import itertools
import random
from collections.abc import Callable, Sequence
from pathlib import Path

ASSIGNMENTS = Path(__file__).resolve().parents[1] / "assignments"
Disguise = Callable[[str, random.Random], str]


def renamed(source: str, rng: random.Random) -> str:
    """Give every variable, parameter, helper and attribute another name."""
    tree = ast.parse(source)
    names = sorted(_bound(tree) - _given())
    return ast.unparse(
        _Renaming({name: f"{rng.choice('abcdefgh')}_{number}" for number, name in enumerate(names)}).visit(tree)
    )


def reordered(source: str, rng: random.Random) -> str:
    """Shuffle the functions and classes of a module, and the methods of each class."""
    tree = ast.parse(source)
    for within in (tree, *(node for node in ast.walk(tree) if isinstance(node, ast.ClassDef))):
        places = [place for place, node in enumerate(within.body) if isinstance(node, (ast.FunctionDef, ast.ClassDef))]
        nodes = [within.body[place] for place in places]
        rng.shuffle(nodes)
        for place, node in zip(places, nodes, strict=True):
            within.body[place] = node
    return ast.unparse(tree)


def reformatted(source: str, rng: random.Random) -> str:
    """Take comments and docstrings out, put others in, and lay it out in another way."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)) and ast.get_docstring(node) is not None:
            node.body = [*([] if isinstance(node, ast.Module) else [_docstring(rng)]), *node.body[1:]]
    lines = []
    for line in ast.unparse(tree).splitlines():
        if (
            line.count("(") == line.count(")") == 1
            and ", " in line
            and '"' not in line
            and "'" not in line
            and rng.random() < 0.5
        ):
            line = line.replace("(", "(\n    ", 1).replace(", ", ",\n    ")
        lines.append(
            f"{line}  # {rng.choice(['now', 'step', 'see lecture'])}"
            if rng.random() < 0.3 and "'''" not in line
            else line
        )
        lines += [""] * (rng.random() < 0.2)
    result = "\n".join(lines)
    try:
        ast.parse(result)
    except SyntaxError:  # a text over several lines was hit
        return ast.unparse(tree)
    return result


def respelled(source: str, rng: random.Random) -> str:
    """Write constants in another way: 2 as 2.0, 0.5 as 1 / 2, other words in messages."""
    return ast.unparse(ast.fix_missing_locations(_Respelling().visit(ast.parse(source))))


def edited(source: str, rng: random.Random) -> str:
    """Change about every fourth statement: results in variables, conditions turned round, sums spelled out, fillers."""
    tree = ast.parse(source)
    tree.body = _edited(tree.body, rng, itertools.count())
    return ast.unparse(ast.fix_missing_locations(tree))


def renamed_and_reordered(source: str, rng: random.Random) -> str:
    """Do both."""
    return reordered(renamed(source, rng), rng)


def everything(source: str, rng: random.Random) -> str:
    """Do all of it to one copy."""
    return reformatted(edited(reordered(renamed(respelled(source, rng), rng), rng), rng), rng)


DISGUISES: dict[str, Disguise] = {
    "names": renamed,
    "order of definitions": reordered,
    "names and order": renamed_and_reordered,
    "comments, docstrings, layout": reformatted,
    "constants and messages": respelled,
    "every fourth statement": edited,
    "all of these": everything,
}


def _bound(tree: ast.AST) -> set[str]:
    found = set()
    for node in ast.walk(tree):
        match node:
            case (
                ast.Name(id=name, ctx=ast.Store())
                | ast.FunctionDef(name=name)
                | ast.ClassDef(name=name)
                | ast.arg(arg=name)
            ):
                found.add(name)
            case ast.alias(asname=str(name)) | ast.ExceptHandler(name=str(name)):
                found.add(name)
            case ast.Attribute(value=ast.Name(id="self"), attr=name):
                found.add(name)
    return found


@functools.cache
def _given() -> frozenset[str]:
    """Return names that callers use: those in the stubs."""
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in ASSIGNMENTS.glob("*/*.py")]
    return frozenset({"self", "cls"}).union(*map(_bound, trees))


class _Renaming(ast.NodeTransformer):
    def __init__(self, names: dict[str, str]) -> None:
        self.names = names

    def generic_visit(self, node: ast.AST) -> ast.AST:
        super().generic_visit(node)
        for field in ("id", "arg", "name", "asname"):
            value = getattr(node, field, None)
            if isinstance(value, str) and not (field == "name" and isinstance(node, ast.alias)):
                setattr(node, field, self.names.get(value, value))
        if isinstance(node, ast.Attribute) and (node.attr.startswith("_") or ast.unparse(node.value) == "self"):
            node.attr = self.names.get(node.attr, node.attr)
        return node


class _Respelling(ast.NodeTransformer):
    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.expr:
        return ast.Constant("that will not do")

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        value = node.value
        if isinstance(value, float) and 0.01 < value < 1:
            return ast.BinOp(ast.Constant(1), ast.Div(), ast.Constant(round(1 / value, 6)))
        if isinstance(value, int) and not isinstance(value, bool) and value > 1:
            return ast.Constant(float(value))
        return ast.Constant(f"{value}!") if isinstance(value, str) and " " in value else node


def _docstring(rng: random.Random) -> ast.Expr:
    return ast.Expr(ast.Constant(rng.choice(["What was asked.", "As in the lecture.", "My own words on this."])))


def _edited(body: Sequence[ast.stmt], rng: random.Random, numbers: itertools.count[int]) -> list[ast.stmt]:
    new: list[ast.stmt] = []
    for node in body:
        for field in ("body", "orelse", "finalbody"):
            if getattr(node, field, None):
                setattr(node, field, _edited(getattr(node, field), rng, numbers))
        if rng.random() < 0.25:
            new += _changed(node, rng, f"part_{next(numbers)}")
        else:
            new.append(node)
    return new


def _changed(node: ast.stmt, rng: random.Random, name: str) -> list[ast.stmt]:
    def kept(value: ast.expr) -> ast.stmt:
        return ast.Assign([ast.Name(name, ast.Store())], value)

    again = ast.Name(name, ast.Load())
    match node:
        case ast.AugAssign(target=ast.Name(id=target), op=op, value=value):
            return [ast.Assign([node.target], ast.BinOp(ast.Name(target, ast.Load()), op, value))]
        case ast.Return(value=ast.expr() as value):
            return [kept(value), ast.Return(again)]
        case ast.If(test=test, body=body, orelse=[_, *_] as orelse):
            return [ast.If(ast.UnaryOp(ast.Not(), test), orelse, body)]
        case ast.Assign(targets=targets, value=ast.BinOp(left=left, op=op, right=right)):
            return [kept(left), ast.Assign(targets, ast.BinOp(again, op, right))]
        case ast.ClassDef() | ast.FunctionDef() | ast.Import() | ast.ImportFrom() | ast.Expr(value=ast.Constant()):
            return [node]
    return [*ast.parse(rng.choice(["print('here')", "assert True", "debug = None", "_ = 0"])).body, node]
