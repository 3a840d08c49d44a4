"""A plan read off code by its syntax tree: one plain sentence a step, always true, never clever."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from codeplan_model.search.places import Source

MAX_STEP = 160
"""Characters of one step; what is longer is cut at a word."""
_ADD = {
    ast.Add: "add {value} to {target}",
    ast.Sub: "subtract {value} from {target}",
    ast.Mult: "multiply {target} by {value}",
    ast.Div: "divide {target} by {value}",
    ast.FloorDiv: "divide {target} by {value} to a whole number",
}
_EMPTY = {"[]": "an empty list", "{}": "an empty dict", "set()": "an empty set", "''": "no text"}
_METHODS = {
    "append": "append {0} to {of}",
    "add": "add {0} to {of}",
    "extend": "append all of {0} to {of}",
    "update": "update {of} with {0}",
    "remove": "remove {0} from {of}",
    "insert": "insert {1} into {of} at {0}",
    "sort": "sort {of}",
    "reverse": "reverse {of}",
    "pop": "take the last of {of} away",
    "clear": "empty {of}",
}


def plan_of_code(code: str) -> tuple[str, ...]:
    """The steps of a body in canonical form; () when it does not parse."""
    source = Source.of(code)
    if source is None:
        return ()
    return tuple(_sentence(words) for node in source.body if (words := _words(node)))


def _sentence(words: str) -> str:
    if len(words) > MAX_STEP:
        words = words[:MAX_STEP].rpartition(" ")[0].rstrip(",;:") + " and so on"
    return f"{words[0].upper()}{words[1:]}."


def _words(node: ast.stmt) -> str:
    match node:
        case ast.Assign(targets=[target], value=value):
            return f"set {_text(target)} to {_value(value)}"
        case ast.Assign(targets=targets, value=value):
            return f"set {' and '.join(map(_text, targets))} to {_value(value)}"
        case ast.AnnAssign(target=target, value=value):
            return f"set {_text(target)} to {_value(value)}" if value else ""
        case ast.AugAssign(target=target, op=op, value=value):
            form = _ADD.get(type(op), f"combine {{target}} with {{value}} by {_operator(op)}")
            return form.format(target=_text(target), value=_text(value))
        case ast.Return(value=value):
            return f"return {_value(value)}" if value else "return nothing"
        case ast.For(target=target, iter=iterated, body=body, orelse=orelse):
            words = f"for each {_text(target)} in {_text(iterated)}: {_block(body)}"
            return f"{words}; after a loop without a break {_block(orelse)}" if orelse else words
        case ast.While(test=test, body=body):
            return f"while {_text(test)}: {_block(body)}"
        case ast.If():
            return _choice(node)
        case ast.Expr(value=value):
            return _effect(value)
        case ast.Raise(exc=exc):
            return f"raise {_text(exc)}" if exc else "raise the exception again"
        case ast.With(items=items, body=body):
            return f"with {', '.join(_text(i.context_expr) for i in items)}: {_block(body)}"
        case ast.Try(body=body, handlers=handlers, finalbody=final):
            words = f"try to {_block(body)}"
            for handler in handlers:
                kind = _text(handler.type) if handler.type else "any exception"
                words += f"; on {kind} {_block(handler.body)}"
            return f"{words}; in any case {_block(final)}" if final else words
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
            return f"define the helper {name}"
        case ast.Assert(test=test):
            return f"make sure that {_text(test)}"
        case ast.Break():
            return "stop the loop"
        case ast.Continue():
            return "go on with the next one"
        case ast.Delete(targets=targets):
            return f"delete {', '.join(map(_text, targets))}"
        case ast.Pass() | ast.Import() | ast.ImportFrom() | ast.Global() | ast.Nonlocal():
            return ""
    return _text(node)


def _choice(node: ast.If) -> str:
    words = f"if {_text(node.test)}, {_block(node.body)}"
    match node.orelse:
        case []:
            return words
        case [ast.If() as other]:
            return f"{words}; else {_choice(other)}"
        case orelse:
            return f"{words}; else {_block(orelse)}"


def _block(body: Sequence[ast.stmt]) -> str:
    found = [words for node in body if (words := _words(node))]
    return ", then ".join(found) or "do nothing"


def _effect(value: ast.expr) -> str:
    match value:
        case ast.Yield(value=given):
            return f"yield {_text(given)}" if given else "yield"
        case ast.YieldFrom(value=given):
            return f"yield all of {_text(given)}"
        case ast.Call(func=ast.Attribute(value=of, attr=name), args=arguments, keywords=[]):
            form = _METHODS.get(name)
            if form is not None and form.count("{") - form.count("{of}") == len(arguments):
                return form.format(*map(_text, arguments), of=_text(of))
    return f"call {_text(value)}"


def _value(node: ast.expr) -> str:
    text = _text(node)
    return _EMPTY.get(text, text)


def _text(node: ast.AST) -> str:
    return " ".join(ast.unparse(node).split())


def _operator(op: ast.operator) -> str:
    return ast.unparse(ast.BinOp(ast.Name("a"), op, ast.Name("b")))[2:-2]
