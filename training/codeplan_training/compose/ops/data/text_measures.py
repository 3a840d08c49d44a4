"""Element functions from texts to numbers."""

from __future__ import annotations

from codeplan_training.compose.ops.data.text_choices import ANY_LETTER
from codeplan_training.compose.ops.prims import fn

fn(
    "length",
    "str",
    "int",
    "len($x)",
    "replace $e by its length",
    "measure the length of $e",
    "take the length of $e",
    "count the characters of $e",
    "get how long $e [is|are]",
    noun="length|lengths",
    frag="lengths",
    weight=2.0,
)
fn(
    "vowel_count",
    "str",
    "int",
    (
        "sum(ch in 'aeiou' for ch in $x.lower())",
        "sum(1 for ch in $x if ch.lower() in 'aeiou')",
        "len([c for c in $x if c in 'aeiouAEIOU'])",
    ),
    "count the vowels in $e",
    "find how many vowels $e contain[s|]",
    noun="number of vowels|vowel counts",
    frag="vowel_counts",
    weight=1.0,
)
fn(
    "letter_count",
    "str",
    "int",
    "$x.count($k)",
    "count how often $k occurs in $e",
    "count the occurrences of $k in $e",
    nps=("the number of times $k occurs in $np",),
    noun="number of times $k occurs|counts of $k",
    params={"k": ANY_LETTER},
    frag="counts",
    weight=1.0,
)
fn(
    "word_count",
    "str",
    "int",
    "len($x.split())",
    "count the words of $e",
    "find how many words $e [has|have]",
    noun="number of words|word counts",
    frag="word_counts",
    weight=0.8,
    seeds=lambda r, s, p: (
        f"{s} {r.choice(('one', 'big', 'old', 'blue'))} {r.choice(('end', 'day', 'box'))}"
    ),
)
fn(
    "digit_chars",
    "str",
    "int",
    ("sum(ch.isdigit() for ch in $x)", "sum(1 for ch in $x if ch.isdigit())"),
    "count the digits in $e",
    noun="number of digits|digit counts",
    frag="digit_counts",
    weight=0.7,
    seeds=lambda r, s, p: f"{s[:2]}{r.randint(0, 99)}{s[2:]}",
)
fn(
    "upper_count",
    "str",
    "int",
    ("sum(ch.isupper() for ch in $x)", "sum(1 for ch in $x if ch.isupper())"),
    "count the capital letters in $e",
    "count the upper-case letters of $e",
    noun="number of capital letters|capital letter counts",
    frag="capital_counts",
    weight=0.7,
    seeds=lambda r, s, p: "".join(c.upper() if r.random() < 0.3 else c for c in s),
)
fn(
    "distinct_chars",
    "str",
    "int",
    "len(set($x))",
    "count the different characters of $e",
    "find how many distinct characters $e [has|have]",
    noun="number of different characters|distinct character counts",
    frag="distinct_counts",
    weight=0.8,
)
fn(
    "find_char",
    "str",
    "int",
    "$x.find($k)",
    "find the index of the first $k in $e, -1 if there is none",
    nps=("the index[|es] of the first $k in $np (-1 if missing)",),
    noun="position of $k|positions of $k",
    params={"k": ANY_LETTER},
    frag="positions",
    weight=0.5,
    long="index of the first $k (-1 if missing)|indexes of the first $k (-1 if missing)",
)
fn(
    "char_sum",
    "str",
    "int",
    ("sum(ord(ch) - 96 for ch in $x.lower() if ch.isalpha())",),
    "add up the alphabet positions (a = 1) of the letters of $e",
    nps=("the sum[|s] of the alphabet positions (a = 1) of the letters of $np",),
    noun="letter value|letter values",
    frag="letter_values",
    weight=0.4,
    long="letter value (sum of the alphabet positions, a = 1)|letter values (sums of the alphabet "
    "positions, a = 1)",
)
