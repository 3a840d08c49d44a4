"""Algorithms and rules on one number."""

from __future__ import annotations

from codeplan_training.compose.ops.kinds import always, number, same
from codeplan_training.compose.ops.prims import one_of, small
from codeplan_training.compose.ops.whole import algo
from codeplan_training.compose.values import INT, STR, list_of

algo(
    "collatz_steps",
    number,
    always(INT),
    (
        "how many steps it takes to get from $np to 1 when even numbers are halved and odd ones "
        "become three times the number plus 1 (0 for numbers below 2)",
    ),
    (
        "steps = 0\nvalue = $l\nwhile value > 1:\n"
        "    value = value // 2 if value % 2 == 0 else 3 * value + 1\n    steps += 1\n=> steps",
        "count the steps from 0",
        "while the value is above 1, halve it if it is even, otherwise take three times the "
        "value plus 1",
        "add 1 to the steps each time",
    ),
    noun="count|counts|one",
    names=("steps_to_one", "halving_steps"),
    weight=0.5,
)
algo(
    "digital_root",
    number,
    always(INT),
    (
        "the single digit that remains when the digits of $np are added up again and again",
        "the repeated digit sum of $np until one digit is left",
    ),
    (
        "value = $l\nwhile value > 9:\n    value = sum(int(d) for d in str(value))\n=> value",
        "while the value has more than one digit, replace it by its digit sum",
    ),
    (
        "if $l < 10:\n    return $l\n=> $f(sum(int(d) for d in str($l)))",
        "return a one-digit number as it is",
        "otherwise call the function with the digit sum",
    ),
    noun="digit|digits|one",
    flags="alone end",
    names=("repeated_digit_sum", "reduce_digits", "single_digit"),
    weight=0.6,
)
algo(
    "factorial_like",
    number,
    always(INT),
    (
        "the product of the numbers $np, $np - $k, $np - 2 * $k and so on as long as they are "
        "positive (1 if there are none)",
    ),
    (
        "product = 1\nvalue = $l\nwhile value > 0:\n    product *= value\n    value -= $k\n"
        "=> product",
        "start with a product of 1",
        "while the value is positive, multiply it in and lower it by $k",
    ),
    (
        "if $l <= 0:\n    return 1\n=> $l * $f($l - $k)",
        "return 1 for a value that is not positive",
        "otherwise multiply the value by the result for the value lowered by $k",
    ),
    noun="product|products|one",
    params={"k": small(2, 4, chance=0.0)},
    flags="alone small end",
    names=("step_factorial", "product_down", "stepped_product"),
    weight=0.4,
)
algo(
    "recurrence",
    number,
    always(INT),
    (
        "the element with index $np of the sequence that starts with $a, $b and continues with "
        "the sum of the two before",
    ),
    (
        "x, y = $a, $b\nfor _ in range($l):\n    x, y = y, x + y\n=> x",
        "start with the pair $a, $b",
        "move on as often as the index says: the second becomes the first, the sum becomes the "
        "second",
        "return the first",
    ),
    (
        "if $l == 0:\n    return $a\nif $l == 1:\n    return $b\n=> $f($l - 1) + $f($l - 2)",
        "the elements 0 and 1 are $a and $b",
        "every other element is the sum of the two before, computed by recursion",
    ),
    noun="element|elements|one",
    params={"a": small(1, 4, chance=0.0), "b": small(5, 9, chance=0.0)},
    flags="alone small end",
    names=("sequence_element", "sum_sequence", "nth_element"),
    weight=0.8,
)
algo(
    "to_base",
    number,
    always(STR),
    ("$np written in base $k",),
    (
        "digits = ''\nvalue = $l\nwhile value:\n    value, digit = divmod(value, $k)\n"
        "    digits = str(digit) + digits\n=> digits or '0'",
        "divide the value by $k again and again",
        "put each remainder in front of the digits",
        "the number 0 is written as '0'",
    ),
    noun="text|texts|one",
    params={"k": one_of((2, 3, 4, 5, 7, 8), "base", kind="int", what="the base")},
    flags="",
    names=("in_base", "to_base", "write_in_base"),
    weight=0.6,
)
algo(
    "change_coins",
    number,
    always(list_of(INT)),
    ("the coins that pay $np with as few as possible, largest first, from coins of $a, $b and 1",),
    (
        "coins = []\nrest = $l\nfor coin in ($a, $b, 1):\n    while rest >= coin:\n"
        "        coins.append(coin)\n        rest -= coin\n=> coins",
        "go through the coins from large to small",
        "take the coin as long as it fits into the rest and subtract it",
    ),
    noun="coin|coins|many",
    params={"a": one_of((10, 20, 50), kind="int"), "b": one_of((2, 5), kind="int")},
    flags="",
    names=("pay_with_coins", "coins_for", "make_change"),
    weight=0.5,
)
algo(
    "next_multiple",
    number,
    always(INT),
    ("the smallest multiple of $k that is not below $np",),
    (
        "value = $l\nwhile value % $k:\n    value += 1\n=> value",
        "start at the number",
        "add 1 until it is divisible by $k",
    ),
    exprs=("-(-$l // $k) * $k", "($l + $k - 1) // $k * $k"),
    flags="",
    noun="multiple|multiples|one",
    params={"k": small(3, 12, "step", "size")},
    names=("round_up_to", "next_multiple"),
    weight=0.5,
)
algo(
    "duration",
    number,
    always(STR),
    ("$np, taken as seconds, written as 'M:SS'", "the 'M:SS' text for $np, taken as seconds"),
    (
        "minutes = $l // 60\nseconds = $l % 60\n=> f'{minutes}:{seconds:02d}'",
        "divide the number by 60 for the minutes",
        "the remainder gives the seconds",
        "format both with two digits for the seconds",
    ),
    (
        "minutes, seconds = divmod($l, 60)\n=> f'{minutes}:{seconds:02d}'",
        "split the number with divmod by 60",
        "format minutes and two-digit seconds",
    ),
    flags="",
    noun="text|texts|one",
    names=("format_seconds", "as_minutes", "clock_text"),
    weight=0.5,
)
algo(
    "rule_word",
    number,
    always(STR),
    (
        "$x if $np is divisible by both $a and $b, $y if only by $a, $z if only by $b, and the "
        "number as text otherwise",
    ),
    (
        "if $l % $a == 0 and $l % $b == 0:\n    return $x\nif $l % $a == 0:\n    return $y\n"
        "if $l % $b == 0:\n    return $z\n=> str($l)",
        "return $x if both $a and $b divide the number",
        "return $y if only $a does and $z if only $b does",
        "otherwise return the number as text",
    ),
    noun="text|texts|one",
    params={
        "a": small(2, 3, chance=0.0),
        "b": small(4, 7, chance=0.0),
        "x": one_of(("both", "boom", "all", "bingo")),
        "y": one_of(("ping", "left", "red", "tick")),
        "z": one_of(("pong", "right", "blue", "tock")),
    },
    names=("number_word", "rule_word", "say_number"),
    weight=0.6,
)
algo(
    "band",
    number,
    always(STR),
    ("$x if $np is below $a, $y if it is below $b and $z otherwise",),
    (
        "if $l < $a:\n    return $x\nif $l < $b:\n    return $y\n=> $z",
        "return $x below $a",
        "return $y below $b",
        "return $z in all other cases",
    ),
    exprs=("$x if $l < $a else $y if $l < $b else $z",),
    noun="label|labels|one",
    params={
        "a": small(5, 15, chance=0.0),
        "b": small(18, 60, chance=0.0),
        "x": one_of(("low", "small", "cold", "child")),
        "y": one_of(("medium", "middle", "mild", "teen")),
        "z": one_of(("high", "large", "hot", "adult")),
    },
    names=("band", "label_for", "size_class", "category"),
    weight=0.7,
)
algo(
    "checked",
    number,
    same,
    ("$np if it is between $a and $b",),
    (
        "if $l < $a or $l > $b:\n    raise ValueError('no valid value')\n=> $l",
        "raise ValueError if the number is below $a or above $b",
        "return the number",
    ),
    (
        "if not $a <= $l <= $b:\n    raise ValueError('no valid value')\n=> $l",
        "check that the number is in the range $a to $b and raise ValueError otherwise",
        "return it",
    ),
    flags="",
    says=("check that $o is between $a and $b",),
    notes=(
        "Raise ValueError if it is out of the range from $a to $b.",
        "Any value outside $a to $b raises ValueError.",
    ),
    params={
        "a": small(1, 8, "low", "minimum", chance=0.1),
        "b": small(50, 90, "high", "maximum", chance=0.1),
    },
    names=("checked_$n", "validate_$n", "require_range"),
    weight=0.7,
)
