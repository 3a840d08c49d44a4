"""Operations from a text or a number to a list or a dictionary."""

from __future__ import annotations

from codeplan_training.compose.ops.kinds import always, number, text
from codeplan_training.compose.ops.prims import Choice, one_of, small
from codeplan_training.compose.ops.whole import Block, whole
from codeplan_training.compose.values import INT, STR, dict_of, list_of

whole(
    "words",
    text,
    always(list_of(STR)),
    ("$l.split()",),
    ("split $o into words", "take the words of $o", "split $o at whitespace"),
    ("the words of $np", "the list of words in $np"),
    "",
    noun="word|words|many",
    names=("words_of_$n", "split_$n"),
    weight=2.5,
)
whole(
    "letters",
    text,
    always(list_of(STR)),
    ("[ch for ch in $l if ch.isalpha()]", "list(filter(str.isalpha, $l))"),
    ("collect the letters of $o", "take the letters of $o"),
    ("the letters of $np", "the letters in $np as a list"),
    "",
    noun="letter|letters|many",
    names=("letters_of_$n", "letters"),
    weight=0.8,
)
whole(
    "characters",
    text,
    always(list_of(STR)),
    ("list($l)",),
    ("split $o into characters", "make a list of the characters of $o"),
    ("the characters of $np", "the list of characters of $np"),
    "",
    noun="character|characters|many",
    names=("characters_of_$n", "chars"),
    weight=0.8,
)
whole(
    "split_at",
    text,
    always(list_of(STR)),
    ("$l.split($k)",),
    ("split $o at every $k", "cut $o at each $k"),
    ("the parts of $np between the $k separators", "the pieces of $np, split at $k"),
    "",
    noun="part|parts|many",
    params={
        "k": Choice(
            lambda r, s: next((ch for ch in (s(r) if s else "") if ch in ",;|-/:"), ","),
            ("sep", "separator"),
            "str",
            "the separator",
        )
    },
    names=("split_$n", "parts_of_$n"),
    weight=0.0,
)
whole(
    "found_numbers",
    text,
    always(list_of(INT)),
    ("[int(word) for word in $l.split() if word.isdigit()]",),
    ("collect the words of $o that are whole numbers, as ints",),
    ("the whole numbers among the words of $np, as ints",),
    "",
    noun="number|numbers|many",
    names=("numbers_in_$n", "extract_numbers"),
    weight=0.5,
)
whole(
    "char_counts",
    text,
    always(dict_of(STR, INT)),
    ("dict(Counter($l))",),
    ("count how often each character of $o occurs",),
    (
        "a dictionary from each character of $np to how often it occurs",
        "the character counts of $np as a dict",
    ),
    "",
    noun="=count|counts",
    imports=("from collections import Counter",),
    names=("char_counts", "count_characters", "letter_frequencies"),
    weight=0.8,
    blocks=(
        Block(
            "counts = {}\nfor ch in $l:\n    counts[ch] = counts.get(ch, 0) + 1\n=> counts",
            ("start with an empty dictionary", "add 1 to the count of each character"),
        ),
    ),
)
whole(
    "char_positions",
    text,
    always(dict_of(STR, list_of(INT))),
    (),
    ("map every character of $o to the list of its positions",),
    ("a dictionary from each character of $np to the list of its indexes",),
    "end",
    noun="=list|lists",
    names=("char_positions", "positions_by_char"),
    weight=0.5,
    blocks=(
        Block(
            "positions = {}\nfor i, ch in enumerate($l):\n"
            "    positions.setdefault(ch, []).append(i)\n=> positions",
            (
                "start with an empty dictionary",
                "append the index of each character to the list of that character",
            ),
        ),
    ),
)
whole(
    "digits",
    number,
    always(list_of(INT)),
    ("[int(d) for d in str($l)]", "list(map(int, str($l)))"),
    ("split $o into its digits", "take the digits of $o"),
    ("the digits of $np", "the list of digits of $np"),
    "",
    noun="digit|digits|many",
    names=("digits_of_$n", "digits"),
    weight=1.5,
    blocks=(
        Block(
            "digits = []\nrest = $l\nwhile rest > 0:\n    digits.append(rest % 10)\n"
            "    rest //= 10\n=> digits[::-1] or [0]",
            (
                "take off the last digit with modulo 10 until nothing is left",
                "return the digits in reverse order; 0 has the single digit 0",
            ),
        ),
    ),
)
whole(
    "divisors",
    number,
    always(list_of(INT)),
    ("[d for d in range(1, $l + 1) if $l % d == 0]",),
    ("list the divisors of $o", "find all divisors of $o"),
    ("the divisors of $np", "all numbers that divide $np"),
    "sorted",
    noun="divisor|divisors|many",
    names=("divisors_of_$n", "divisors", "factors_of_$n"),
    weight=1.2,
)
whole(
    "prime_factors",
    number,
    always(list_of(INT)),
    (),
    ("split $o into prime factors", "factor $o into primes"),
    ("the prime factors of $np with repetition, in ascending order",),
    "sorted",
    noun="factor|factors|many",
    names=("prime_factors", "factor_$n"),
    weight=0.8,
    blocks=(
        Block(
            "factors = []\ndivisor = 2\nrest = $l\nwhile rest > 1:\n"
            "    while rest % divisor == 0:\n        factors.append(divisor)\n"
            "        rest //= divisor\n    divisor += 1\n=> factors",
            (
                "try the divisors 2, 3, 4, ... in turn",
                "while the divisor divides the rest, append it and divide the rest by it",
                "stop when the rest is 1",
            ),
        ),
    ),
)
whole(
    "range_to",
    number,
    always(list_of(INT)),
    ("list(range(1, $l + 1))",),
    ("list the numbers from 1 to $o",),
    ("the numbers from 1 to $np",),
    "sorted",
    noun="number|numbers|many",
    names=("numbers_up_to", "count_up"),
    weight=1,
)
whole(
    "multiples",
    number,
    always(list_of(INT)),
    ("list(range($k, $l + 1, $k))", "[i for i in range(1, $l + 1) if i % $k == 0]"),
    ("list the multiples of $k up to $o",),
    ("the positive multiples of $k that are at most $np",),
    "sorted",
    noun="multiple|multiples|many",
    params={"k": small(3, 12, "step", "factor")},
    names=("multiples_up_to", "multiples"),
    weight=0.6,
)
whole(
    "primes_to",
    number,
    always(list_of(INT)),
    ("[p for p in range(2, $l + 1) if all(p % d for d in range(2, int(p ** 0.5) + 1))]",),
    ("list the primes up to $o",),
    ("the prime numbers up to $np",),
    "sorted",
    noun="prime|primes|many",
    names=("primes_up_to", "small_primes"),
    weight=0.6,
    blocks=(
        Block(
            "primes = []\nfor candidate in range(2, $l + 1):\n"
            "    if all(candidate % p for p in primes):\n        primes.append(candidate)\n"
            "=> primes",
            (
                "start with no primes",
                "a number from 2 on is prime if none of the primes found so far divides it",
                "append the primes in order",
            ),
        ),
    ),
)
whole(
    "countdown",
    number,
    always(list_of(INT)),
    ("list(range($l, 0, -1))",),
    ("count down from $o to 1",),
    ("the numbers from $np down to 1",),
    "end",
    noun="number|numbers|many",
    names=("countdown", "count_down"),
    weight=0.4,
)
whole(
    "bits",
    number,
    always(list_of(INT)),
    ("[int(bit) for bit in format($l, 'b')]",),
    ("list the binary digits of $o",),
    ("the binary digits of $np as a list of 0 and 1",),
    "",
    noun="bit|bits|many",
    names=("bits_of_$n", "binary_digits"),
    weight=0.5,
)
whole(
    "powers",
    number,
    always(list_of(INT)),
    ("[$k ** i for i in range($l + 1)]",),
    ("list the powers of $k from exponent 0 to $o",),
    ("the powers of $k with exponents from 0 to $np",),
    "small end",
    noun="power|powers|many",
    params={"k": small(2, 3, "base")},
    names=("powers_up_to", "powers"),
    weight=0.3,
)
whole(
    "to_ints",
    lambda ty: ty == list_of(STR),
    always(list_of(INT)),
    ("[int(part) for part in $g]", "list(map(int, $g))"),
    ("convert $o to integers", "turn each $s into an int"),
    ("$np as integers", "$np converted to ints"),
    "numeric",
    noun="number|numbers|many",
    names=("parse_$n", "$n_as_ints"),
    weight=0.0,
)
whole(
    "join_numbers",
    lambda ty: ty == list_of(INT),
    always(STR),
    ("$k.join(str(v) for v in $g)", "$k.join(map(str, $g))"),
    (
        "write $o in one string, joined with $k",
        "convert $o to text and join them with $k",
    ),
    ("$np as text, joined with $k", "a string of $np separated by $k"),
    "",
    noun="text|texts|one",
    params={"k": one_of((", ", "-", " ", ";", "/", "+"), "sep", "separator", what="the separator")},
    names=("join_$n", "$n_text", "format_$n"),
    weight=1.4,
)
whole(
    "parse_csv",
    lambda ty: ty == STR,
    always(list_of(INT)),
    ("[int(part) for part in $l.split($k)]", "list(map(int, $l.split($k)))"),
    (
        "split $o at $k and convert the parts to integers",
        "parse the numbers in $o, separated by $k",
    ),
    (
        "the integers in $np, which are separated by $k",
        "the numbers of $np (separated by $k) as ints",
    ),
    "",
    noun="number|numbers|many",
    params={"k": one_of((",",))},
    names=("parse_$n", "numbers_from_$n", "read_numbers"),
    weight=0.0,
    blocks=(
        Block(
            "numbers = []\nfor part in $l.split($k):\n    numbers.append(int(part))\n=> numbers",
            ("split the text at $k", "convert each part to an int and collect them"),
        ),
    ),
)
whole(
    "parse_kv",
    lambda ty: ty == STR,
    always(dict_of(STR, INT)),
    ("{key: int(value) for key, value in (part.split('=') for part in $l.split($k))}",),
    ("parse the 'name=number' parts of $o, separated by $k, into a dictionary",),
    ("a dictionary from the 'name=number' parts of $np, separated by $k",),
    "",
    noun="=number|numbers",
    params={"k": one_of((";",))},
    names=("parse_settings", "parse_pairs", "read_pairs"),
    weight=0.0,
    blocks=(
        Block(
            "settings = {}\nfor part in $l.split($k):\n    key, value = part.split('=')\n"
            "    settings[key] = int(value)\n=> settings",
            (
                "split the text at $k",
                "split each part at the equals sign into key and value",
                "store the value as an int under the key",
            ),
        ),
        Block(
            "settings = {}\nfor part in $l.split($k):\n    key, _, value = part.partition('=')\n"
            "    settings[key] = int(value)\n=> settings",
            (
                "go through the parts between $k",
                "cut each part at '=' with partition",
                "store the number under the name",
            ),
        ),
    ),
)
whole(
    "parse_lines",
    lambda ty: ty == list_of(STR),
    always(dict_of(STR, STR)),
    (
        "dict(line.split(': ') for line in $l)",
        "{key: value for key, value in (line.split(': ') for line in $l)}",
    ),
    ("parse $o of the form 'key: value' into a dictionary",),
    ("a dictionary from $np of the form 'key: value'",),
    "",
    noun="=value|values",
    names=("parse_headers", "parse_$n", "lines_to_dict"),
    weight=0.0,
    blocks=(
        Block(
            "parsed = {}\nfor line in $l:\n    key, _, value = line.partition(': ')\n"
            "    parsed[key] = value\n=> parsed",
            (
                "start with an empty dictionary",
                "cut every line at ': ' into key and value",
                "store the value under the key",
            ),
        ),
    ),
)
whole(
    "to_minutes",
    lambda ty: ty == list_of(STR),
    always(list_of(INT)),
    ("[int(t[:2]) * 60 + int(t[3:]) for t in $l]",),
    ("turn each of $o ('HH:MM') into minutes since midnight",),
    ("$np ('HH:MM') as minutes since midnight",),
    "",
    noun="minute count|minute counts|many",
    names=("$n_in_minutes", "minutes_of_$n", "to_minutes"),
    weight=0.0,
    blocks=(
        Block(
            "minutes = []\nfor t in $l:\n    hours, mins = t.split(':')\n"
            "    minutes.append(int(hours) * 60 + int(mins))\n=> minutes",
            ("split each time at the colon", "append hours times 60 plus the minutes"),
        ),
    ),
)
