"""Element functions that write numbers as text."""

from __future__ import annotations

from codeplan_training.compose.ops.prims import fn, near, one_of, small

fn(
    "to_str",
    "int",
    "str",
    "str($x)",
    "convert $e to a string",
    "turn $e into text",
    "write $e as text",
    nps=("$np as string[|s]", "$np converted to text"),
    noun="text form|text forms",
    frag="as_text",
    weight=0.7,
)
fn(
    "binary",
    "int",
    "str",
    ("format($x, 'b')", "f'{$x:b}'"),
    "write $e in binary",
    "convert $e to binary digits",
    nps=("$np in binary notation", "$np written in binary"),
    noun="binary form|binary forms",
    frag="in_binary",
    weight=0.4,
)
fn(
    "hexadecimal",
    "int",
    "str",
    ("format($x, 'x')", "f'{$x:x}'"),
    "write $e in hexadecimal",
    nps=("$np in hexadecimal notation",),
    noun="hexadecimal form|hexadecimal forms",
    frag="in_hex",
    weight=0.3,
)
fn(
    "zero_pad",
    "int",
    "str",
    ("str($x).zfill($k)", "f'{$x:0{$k}d}'"),
    "pad $e with leading zeros to $k digits",
    "fill $e with zeros on the left to a width of $k",
    "write $e with at least $k digits",
    nps=(
        "$np padded with leading zeros to $k digits",
        "$np with leading zeros to width $k",
    ),
    noun="padded number|padded numbers",
    params={"k": small(3, 6, "width", "length", "digits")},
    frag="padded",
    weight=0.6,
    long="form with leading zeros to $k digits|forms with leading zeros to $k digits",
)
fn(
    "with_unit",
    "num",
    "str",
    ("f'{$x} ' + $k", "str($x) + ' ' + $k"),
    "append a space and the unit $k to $e",
    "write $e with the unit $k after a space",
    nps=("$np with the unit $k after a space",),
    noun="label|labels",
    params={"k": one_of(("cm", "kg", "km", "EUR", "m", "pts"), "unit", "suffix", what="the unit")},
    frag="labels",
    weight=0.6,
    long="text with the unit $k after a space|texts with the unit $k after a space",
)
fn(
    "parity_word",
    "int",
    "str",
    ("'even' if $x % 2 == 0 else 'odd'", "'odd' if $x % 2 else 'even'"),
    "turn $e into 'even' or 'odd'",
    "write 'even' or 'odd' for $e",
    nps=("'even' or 'odd' for $np",),
    noun="parity|parities",
    frag="parity",
    weight=0.5,
    long="parity ('even' or 'odd')|parities ('even' or 'odd')",
)
fn(
    "level_word",
    "num",
    "str",
    ("$b if $x >= $k else $a",),
    "write $b for $e if it is at least $k, else $a",
    "label $e with $b from $k on and with $a below",
    nps=("the label[|s] $b (at least $k) or $a (below $k) for $np",),
    noun="label|labels",
    params={
        "k": near(what="the bound"),
        "a": one_of(("low", "small", "fail", "cold", "no")),
        "b": one_of(("high", "big", "pass", "warm", "yes")),
    },
    frag="labels",
    weight=0.6,
    long="label ($b from $k on, $a below)|labels ($b from $k on, $a below)",
)
fn(
    "sign_word",
    "num",
    "str",
    ("'+' if $x > 0 else '-' if $x < 0 else '0'",),
    "write '+', '-' or '0' for the sign of $e",
    "replace $e by '+' if positive, '-' if negative and '0' if zero",
    nps=("the sign[|s] ('+', '-' or '0') of $np",),
    noun="sign|signs",
    frag="signs",
    weight=0.4,
    long="sign ('+', '-' or '0')|signs ('+', '-' or '0')",
)
