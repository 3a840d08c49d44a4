"""Conditions on numbers."""

from __future__ import annotations

from codeplan_training.compose.ops.prims import near, pred, small

ABOVE = near("limit", "minimum", "threshold", "bound", "low", what="the bound")
BELOW = near("limit", "maximum", "threshold", "bound", "high", what="the bound")
pred(
    "even",
    "int",
    ("$x % 2 == 0", "not $x % 2"),
    "[is|are] even",
    "[is|are] divisible by 2",
    "[is an even number|are even numbers]",
    adjs=("even",),
    frag="even",
)
pred(
    "odd",
    "int",
    ("$x % 2 == 1", "$x % 2 != 0", "$x % 2"),
    "[is|are] odd",
    "[is|are] not divisible by 2",
    "[has|have] an odd value",
    adjs=("odd",),
    frag="odd",
)
pred(
    "positive",
    "num",
    "$x > 0",
    "[is|are] positive",
    "[is|are] greater than zero",
    "[is|are] above 0",
    adjs=("positive",),
    frag="positive",
)
pred(
    "negative",
    "num",
    "$x < 0",
    "[is|are] negative",
    "[is|are] less than zero",
    "[is|are] below 0",
    adjs=("negative",),
    frag="negative",
)
pred(
    "non_zero",
    "num",
    ("$x != 0", "$x"),
    "[is|are] not zero",
    "[differ|differ] from 0",
    adjs=("nonzero", "non-zero"),
    frag="nonzero",
    weight=0.5,
)
pred(
    "non_negative",
    "num",
    "$x >= 0",
    "[is|are] not negative",
    "[is|are] zero or more",
    "[is|are] at least 0",
    adjs=("non-negative",),
    frag="non_negative",
    weight=0.6,
)
pred(
    "gt",
    "num",
    "$x > $k",
    "[is|are] greater than $k",
    "[is|are] above $k",
    "[is|are] more than $k",
    "[exceeds|exceed] $k",
    "[is|are] larger than $k",
    "[is|are] over $k",
    params={"k": ABOVE},
    frag="above",
    weight=2.5,
)
pred(
    "ge",
    "num",
    "$x >= $k",
    "[is|are] at least $k",
    "[is|are] $k or more",
    "[is|are] not below $k",
    "[is|are] greater than or equal to $k",
    "[reaches|reach] $k",
    params={"k": ABOVE},
    frag="at_least",
    weight=1.5,
)
pred(
    "lt",
    "num",
    "$x < $k",
    "[is|are] less than $k",
    "[is|are] below $k",
    "[is|are] smaller than $k",
    "[is|are] under $k",
    "[stays|stay] below $k",
    params={"k": BELOW},
    frag="below",
    weight=2.0,
)
pred(
    "le",
    "num",
    "$x <= $k",
    "[is|are] at most $k",
    "[is|are] $k or less",
    "[is|are] not above $k",
    "[is|are] less than or equal to $k",
    "[does|do] not exceed $k",
    params={"k": BELOW},
    frag="at_most",
    weight=1.2,
)
pred(
    "between",
    "int",
    ("$a <= $x <= $b", "$x >= $a and $x <= $b"),
    "[is|are] between $a and $b (inclusive)",
    "[lies|lie] in the range from $a to $b, both included",
    "[is|are] at least $a and at most $b",
    "[is|are] from $a to $b inclusive",
    "[is|are] within $a and $b, bounds included",
    params={
        "a": small(0, 6, "low", "lower", "start"),
        "b": small(8, 25, "high", "upper", "end"),
    },
    frag="in_range",
    weight=1.0,
)
pred(
    "divisible",
    "int",
    ("$x % $k == 0", "not $x % $k"),
    "[is|are] divisible by $k",
    "[is a multiple|are multiples] of $k",
    "[leaves|leave] no remainder when divided by $k",
    "[can|can] be divided by $k",
    params={"k": small(3, 9, "divisor", "k", "step", "factor")},
    frag="divisible",
    weight=1.5,
)
pred(
    "not_divisible",
    "int",
    ("$x % $k != 0", "$x % $k"),
    "[is|are] not divisible by $k",
    "[is not a multiple|are not multiples] of $k",
    "[leaves|leave] a remainder when divided by $k",
    params={"k": small(3, 7, "divisor", "k")},
    frag="not_divisible",
    weight=0.6,
)
pred(
    "ends_in_digit",
    "int",
    ("abs($x) % 10 == $k", "str($x).endswith(str($k))"),
    "[ends|end] in the digit $k",
    "[has|have] $k as the last digit",
    "[ends|end] with a $k",
    params={"k": small(0, 9, "digit", "last")},
    frag="ending_in_digit",
    weight=0.7,
)
pred(
    "has_digit",
    "int",
    "str($k) in str($x)",
    "[contains|contain] the digit $k",
    "[has|have] a $k among the digits",
    "[is|are] written with a digit $k",
    params={"k": small(1, 9, "digit", "d")},
    frag="with_digit",
    weight=0.5,
)
pred(
    "square_number",
    "int",
    "$x >= 0 and int($x ** 0.5) ** 2 == $x",
    "[is a perfect square|are perfect squares]",
    "[is the square|are squares] of a whole number",
    frag="square",
    adjs=("square",),
    weight=0.4,
)
pred(
    "prime",
    "int",
    "$x > 1 and all($x % d for d in range(2, int($x ** 0.5) + 1))",
    "[is|are] prime",
    "[is a prime number|are prime numbers]",
    "[has|have] exactly two divisors",
    adjs=("prime",),
    frag="prime",
    weight=0.8,
)
pred(
    "two_digit",
    "int",
    ("10 <= abs($x) <= 99", "len(str(abs($x))) == 2"),
    "[has|have] exactly two digits",
    "[has|have] two digits",
    adjs=("two-digit",),
    frag="two_digit",
    weight=0.5,
)
pred(
    "palindrome_number",
    "int",
    "str($x) == str($x)[::-1]",
    "[reads|read] the same backwards",
    "[is a palindrome|are palindromes]",
    adjs=("palindromic",),
    frag="palindromic",
    weight=0.5,
)
pred(
    "power_of_two",
    "int",
    ("$x > 0 and $x & ($x - 1) == 0", "$x > 0 and bin($x).count('1') == 1"),
    "[is a power|are powers] of two",
    "[is a power|are powers] of 2",
    frag="power_of_two",
    weight=0.4,
)
pred(
    "equals",
    "int",
    "$x == $k",
    "[is|are] equal to $k",
    "[equals|equal] $k",
    "[has|have] the value $k",
    params={"k": near("target", "value", "wanted", what="the wanted value")},
    frag="equal",
    weight=0.5,
)
pred(
    "differs",
    "int",
    "$x != $k",
    "[differs|differ] from $k",
    "[is|are] not equal to $k",
    "[is|are] anything but $k",
    params={"k": near("target", "value", "missing", what="the value to leave out")},
    frag="other",
    weight=0.5,
)
pred(
    "digit_sum_even",
    "int",
    "sum(int(d) for d in str(abs($x))) % 2 == 0",
    "[has|have] an even digit sum",
    frag="even_digit_sum",
    weight=0.3,
)
pred(
    "far_from",
    "int",
    "abs($x - $a) > $b",
    "[is|are] more than $b away from $a",
    "[differs|differ] from $a by more than $b",
    params={
        "a": near("center", "target", what="the reference value"),
        "b": small(2, 8, "tolerance", "radius"),
    },
    frag="far_off",
    weight=0.4,
)
pred(
    "close_to",
    "num",
    "abs($x - $a) <= $b",
    "[is|are] at most $b away from $a",
    "[differs|differ] from $a by no more than $b",
    "[lies|lie] within $b of $a",
    params={
        "a": near("center", "target", "goal", what="the reference value"),
        "b": small(1, 8, "tolerance", "radius", "margin"),
    },
    frag="near",
    weight=0.5,
)
pred(
    "whole",
    "float",
    ("$x == int($x)", "$x.is_integer()", "$x % 1 == 0"),
    "[is a whole number|are whole numbers]",
    "[has|have] no fractional part",
    adjs=("whole",),
    frag="whole",
    weight=0.6,
)
