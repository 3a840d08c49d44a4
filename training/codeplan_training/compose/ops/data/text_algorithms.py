"""Algorithms on texts."""

from __future__ import annotations

from random import Random

from codeplan_training.compose.ops.kinds import always, text, texts
from codeplan_training.compose.ops.prims import Choice, one_of, small
from codeplan_training.compose.ops.whole import algo
from codeplan_training.compose.values import BOOL, INT, STR, list_of


def _shuffled(rng: Random, value: str) -> str:
    return "".join(rng.sample(value, len(value)))


algo(
    "balanced",
    text,
    always(BOOL),
    ("whether the brackets $k in $np are balanced",),
    (
        "depth = 0\nfor ch in $l:\n    if ch == $k[0]:\n        depth += 1\n"
        "    elif ch == $k[1]:\n        depth -= 1\n        if depth < 0:\n"
        "            return False\n=> depth == 0",
        "keep the depth of open brackets",
        "an opening bracket raises it, a closing one lowers it",
        "return False if it falls below 0",
        "the depth must be 0 at the end",
    ),
    noun="answer|answers|one",
    params={"k": one_of(("()", "[]", "{}", "<>"))},
    flags="brackets end",
    names=("is_balanced", "brackets_match", "balanced"),
    weight=0.0,
)
algo(
    "compress",
    text,
    always(STR),
    (
        "$np with each run of equal characters written as the character and its count",
        "the run-length code of $np, like 'a3b1'",
    ),
    (
        "parts = []\ni = 0\nwhile i < len($l):\n    end = i\n"
        "    while end < len($l) and $l[end] == $l[i]:\n        end += 1\n"
        "    parts.append(f'{$l[i]}{end - i}')\n    i = end\n=> ''.join(parts)",
        "begin at the first character",
        "find the end of the run of equal characters",
        "append the character and the length of the run and go on behind it",
        "join the parts",
    ),
    exprs=("''.join(f'{ch}{len(list(group))}' for ch, group in groupby($l))",),
    imports=("from itertools import groupby",),
    flags="",
    noun="text|texts|one",
    names=("compress_$n", "run_length_code", "pack_runs"),
    weight=0.6,
)
algo(
    "is_anagram",
    text,
    always(BOOL),
    ("whether $np and $k consist of the same letters, ignoring case and spaces",),
    (
        "def letters(text):\n    return sorted(text.lower().replace(' ', ''))\n\n"
        "=> letters($l) == letters($k)",
        "write a helper that sorts the lower-case letters of a text without spaces",
        "compare the two results",
    ),
    noun="answer|answers|one",
    params={
        "k": Choice(
            lambda r, s: _shuffled(r, (s(r) if s else None) or "ab"),
            ("other", "second"),
            "str",
            "the other text",
            1.0,
        )
    },
    names=("same_letters", "are_anagrams", "letters_match"),
    weight=0.3,
)
algo(
    "longest_word",
    text,
    always(STR),
    (
        "the longest word in $np (the first one on ties)",
        "the longest of the words of $np, the first one if several are equally long",
    ),
    (
        "longest = ''\nfor word in $l.split():\n    if len(word) > len(longest):\n"
        "        longest = word\n=> longest",
        "start with an empty text as the longest",
        "replace it by every word that is longer",
    ),
    exprs=("max($l.split(), key=len, default='')",),
    says=("find the longest word of $o (the first one on ties)",),
    flags="",
    noun="word|words|one",
    names=("longest_word", "longest_word_in_$n"),
    weight=0.7,
)
algo(
    "word_lengths_text",
    text,
    always(list_of(INT)),
    ("the lengths of the words of $np",),
    (
        "lengths = []\nfor word in $l.split():\n    lengths.append(len(word))\n=> lengths",
        "split the text into words",
        "append the length of each word",
    ),
    exprs=("[len(word) for word in $l.split()]",),
    says=("list the lengths of the words of $o",),
    flags="",
    noun="length|lengths|many",
    names=("word_lengths", "lengths_of_words"),
    weight=0.6,
)
algo(
    "capital_words",
    text,
    always(STR),
    ("$np with every word longer than $k letters capitalised",),
    (
        "words = []\nfor word in $l.split():\n"
        "    words.append(word.capitalize() if len(word) > $k else word)\n=> ' '.join(words)",
        "split the text into words",
        "capitalise the words with more than $k letters and keep the others",
        "join the words with spaces",
    ),
    exprs=("' '.join(word.capitalize() if len(word) > $k else word for word in $l.split())",),
    flags="",
    noun="text|texts|one",
    params={"k": small(2, 4, "limit", "length", "minimum")},
    names=("capitalise_long_words", "headline"),
    weight=0.5,
)
algo(
    "swap_ends",
    text,
    always(STR),
    ("$np with the first and the last character exchanged (shorter texts unchanged)",),
    (
        "if len($l) < 2:\n    return $l\n=> $l[-1] + $l[1:-1] + $l[0]",
        "return texts with fewer than two characters as they are",
        "put the last character first and the first one last",
    ),
    noun="text|texts|one",
    names=("swap_ends", "exchange_ends"),
    weight=0.4,
)
algo(
    "alternate_case",
    text,
    always(STR),
    ("$np with upper and lower case letters in turns, beginning with upper case",),
    (
        "result = ''\nfor i, ch in enumerate($l):\n"
        "    result += ch.upper() if i % 2 == 0 else ch.lower()\n=> result",
        "go through the characters with their index",
        "write those at even indexes in upper case and the others in lower case",
    ),
    exprs=("''.join(ch.upper() if i % 2 == 0 else ch.lower() for i, ch in enumerate($l))",),
    says=("write the characters of $o in upper and lower case in turns",),
    flags="",
    noun="text|texts|one",
    names=("alternate_case", "zigzag_case"),
    weight=0.5,
)
algo(
    "common_prefix",
    texts,
    always(STR),
    ("the longest common prefix of $np", "the longest beginning that all of $np share"),
    (
        "if not $l:\n    return ''\nprefix = $l[0]\nfor v in $l[1:]:\n"
        "    while not v.startswith(prefix):\n        prefix = prefix[:-1]\n=> prefix",
        "return '' for an empty list",
        "start with the first $s as the prefix",
        "shorten the prefix until each other $s starts with it",
    ),
    noun="prefix|prefixes|one",
    flags="prefixed end",
    names=("common_prefix", "shared_start"),
    weight=0.3,
)
algo(
    "wrap_words",
    text,
    always(list_of(STR)),
    (
        "the words of $np filled into lines of at most $k characters",
        "$np broken into lines that are no longer than $k characters (words stay whole)",
    ),
    (
        "lines = []\nfor word in $l.split():\n"
        "    if lines and len(lines[-1]) + 1 + len(word) <= $k:\n"
        "        lines[-1] += ' ' + word\n    else:\n        lines.append(word)\n=> lines",
        "go through the words",
        "append the word to the last line if it fits with a space",
        "otherwise start a new line with it",
    ),
    flags="",
    noun="line|lines|many",
    params={"k": small(7, 14, "width", "limit")},
    names=("wrap_words", "fill_lines", "break_lines"),
    weight=0.5,
)
algo(
    "count_changes",
    text,
    always(INT),
    ("how many neighbouring characters of $np differ from each other",),
    (
        "count = 0\nfor i in range(1, len($l)):\n    if $l[i] != $l[i - 1]:\n        count += 1\n"
        "=> count",
        "start a counter at 0",
        "compare each character with the one before and count the differences",
    ),
    exprs=("sum(a != b for a, b in zip($l, $l[1:]))",),
    flags="",
    noun="count|counts|one",
    names=("count_changes", "letter_changes"),
    weight=0.5,
)
algo(
    "insert_every",
    text,
    always(STR),
    ("$np with $c after every $k characters (not at the end)",),
    (
        "parts = []\nfor i in range(0, len($l), $k):\n    parts.append($l[i:i + $k])\n"
        "=> $c.join(parts)",
        "cut the text into pieces of $k characters",
        "join the pieces with $c",
    ),
    exprs=("$c.join($l[i:i + $k] for i in range(0, len($l), $k))",),
    says=("insert $c after every $k characters of $o",),
    flags="",
    noun="text|texts|one",
    params={
        "k": small(2, 4, "size", "width", "group"),
        "c": one_of(("-", " ", ".", ":", "|"), "sep", "mark"),
    },
    names=("group_characters", "insert_marks", "spaced_out"),
    weight=0.6,
)
algo(
    "most_common_char",
    text,
    always(STR),
    ("the character that occurs most often in $np (the first one on ties, '' for an empty text)",),
    (
        "best = ''\nfor ch in $l:\n    if $l.count(ch) > $l.count(best) or not best:\n"
        "        best = ch\n=> best",
        "start with no best character",
        "replace it by a character that occurs more often",
    ),
    exprs=("max($l, key=$l.count, default='')",),
    flags="",
    noun="character|characters|one",
    names=("most_common_char", "favourite_letter", "most_frequent_character"),
    weight=0.5,
)
algo(
    "first_unique_char",
    text,
    always(STR),
    ("the first character of $np that occurs only once ('' if there is none)",),
    (
        "for ch in $l:\n    if $l.count(ch) == 1:\n        return ch\n=> ''",
        "go through the characters",
        "return the first one whose count is 1",
        "return '' if there is none",
    ),
    exprs=("next((ch for ch in $l if $l.count(ch) == 1), '')",),
    noun="character|characters|one",
    names=("first_unique_char", "first_single_letter"),
    weight=0.5,
)
