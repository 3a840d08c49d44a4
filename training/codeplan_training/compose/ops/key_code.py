"""The code of steps with a key that needs more than an expression: the best one, and tables."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from codeplan_training.compose.emit import Body, Seq, Val, list_names
from codeplan_training.compose.expr import E

if TYPE_CHECKING:
    from codeplan_training.compose.ops.keys import ByKey


def best_loop(op: ByKey, body: Body, val: Val) -> E:
    """The loop that keeps the element with the largest or smallest key; its name."""
    assert isinstance(val.code, E)
    assert val.ty.of is not None
    var = E(body.var(val.noun, val.ty.of))
    best = E(body.name("best", "chosen", "winner"))
    sign = ">" if op.kind == "max" else "<"
    mine, other = (
        op.key.code(var, None, op.variant),
        op.key.code(best, None, op.variant),
    )
    if op.policy == "none":
        body.line(f"{best.text} = None")
        test = f"{best.text} is None or {mine.text} {sign} {other.text}"
        source = val.code.text
        body.say("start with None as the best so far", "no best one is known at first")
    else:
        written = body.bind(val.code, *list_names(val.noun))
        body.line(f"{best.text} = {written.text}[0]")
        test = f"{mine.text} {sign} {other.text}"
        source = f"{written.text}[1:]"
        body.say(
            f"start with the first {val.noun.sg} as the best",
            f"take the first {val.noun.sg} for a start",
        )
    with body.block(f"for {var.text} in {source}:"), body.block(f"if {test}:"):
        body.line(f"{best.text} = {var.text}")
    word = "higher" if op.kind == "max" else "lower"
    own = op.key.described().sg
    body.say(
        f"go through the {val.noun.pl} and remember the one with a {word} {own} than the "
        f"best so far",
        f"replace it by every {val.noun.sg} whose {own} is {word}",
    )
    return best


def table(op: ByKey, body: Body, val: Val, seq: Seq, key: E, value: E) -> E:
    """The dictionary by key, as an expression or built by a loop. key, value: their code."""
    used = f"{key.text} {value.text}"
    source = body.tail(replace(seq, elem=E("0")), used)
    own = op.key.described().sg
    what = f"its {op.value.noun().sg}" if op.value else "it"
    if op.kind == "table":
        if not body.loop:
            return E(f"{{{key.text}: {value.text} {source}}}")
        name = body.name("table", "lookup", "result")
        body.line(f"{name} = {{}}")
        with body.over(replace(seq, elem=value), key.text):
            body.line(f"{name}[{key.text}] = {value.text}")
        body.say("start with an empty dictionary")
        body.say(f"for each {seq.each} store {what} under its {own}")
        return E(name)
    if op.kind == "count" and not body.loop:
        body.need("from collections import Counter")
        return E(f"dict(Counter({key.text} {source}))")
    name = body.name(
        {
            "group": "groups",
            "count": "counts",
            "sum": "totals",
            "mean": "groups",
            "best": "best",
        }[op.kind],
        "grouped",
        "result",
        "table",
    )
    body.detailed = body.detailed or body.rng.random() < 0.6
    easy = not body.loop
    updates = {
        "count": (
            f"{name}[{key.text}] = {name}.get({key.text}, 0) + 1",
            "int",
            f"{name}[{key.text}] += 1",
        ),
        "sum": (
            f"{name}[{key.text}] = {name}.get({key.text}, 0) + {value.text}",
            "int",
            f"{name}[{key.text}] += {value.text}",
        ),
        "group": (
            f"{name}.setdefault({key.text}, []).append({value.text})",
            "list",
            f"{name}[{key.text}].append({value.text})",
        ),
        "mean": (
            f"{name}.setdefault({key.text}, []).append({value.text})",
            "list",
            f"{name}[{key.text}].append({value.text})",
        ),
        "best": (
            f"{name}[{key.text}] = max({value.text}, {name}.get({key.text}, {value.text}))",
            "",
            "",
        ),
    }[op.kind]
    default = easy and updates[1]
    if default:
        body.need("from collections import defaultdict")
        body.line(f"{name} = defaultdict({updates[1]})")
    else:
        body.line(f"{name} = {{}}")
    bound = len(key.text) > 22 and not default
    with body.over(replace(seq, elem=value), key.text):
        text = updates[2] if default else updates[0]
        if bound:
            short = body.bind(key, "key", "label")
            text = text.replace(key.text, short.text)
        body.line(text)
    _tell(op, body, seq, own, what, default)
    if op.kind == "mean":
        part = body.name(
            op.value.noun().pl.split()[-1] if op.value else "values",
            "numbers",
            "values",
        )
        label = body.name(own.split()[-1].replace("-", "_"), "key", "name")
        body.say("divide the sum of each list by its length")
        return E(f"{{{label}: sum({part}) / len({part}) for {label}, {part} in {name}.items()}}")
    return E(f"dict({name})") if default else E(name)


def _tell(op: ByKey, body: Body, seq: Seq, own: str, what: str, default: object) -> None:
    when = f" {seq.when}" if seq.when else ""
    kind = "a defaultdict" if default else "an empty dictionary"
    body.say(f"start with {kind}", f"make {kind}")
    texts = {
        "group": f"append {what} to the list under its {own}",
        "mean": f"append {what} to the list under its {own}",
        "count": f"add 1 to the count of its {own}",
        "sum": f"add {what} to the total of its {own}",
        "best": f"keep the larger one of {what} and the value stored for its {own}",
    }
    body.say(
        f"for each {seq.each}{when}, {texts[op.kind]}",
        f"loop over the input; for every {seq.each} {texts[op.kind]}"
        if not when and " " not in seq.each
        else f"for every {seq.each}{when} {texts[op.kind]}",
    )
