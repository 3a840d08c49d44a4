"""Element functions on texts that change or remove characters and words."""

from __future__ import annotations

from codeplan_training.compose.ops.data.text_choices import ANY_LETTER, LETTERS
from codeplan_training.compose.ops.prims import fn, from_text, one_of, small

fn(
    "replace",
    "str",
    "same",
    ("$x.replace($a, $b)", "$b.join($x.split($a))"),
    "replace every $a by $b in $e",
    "exchange $a for $b in $e",
    "substitute $b for $a in $e",
    nps=("$np with every $a replaced by $b", "$np with $b in place of $a"),
    noun="changed form|changed forms",
    params={
        "a": from_text(lambda r, s: r.choice(s), LETTERS, "old", what="the text to replace"),
        "b": one_of(("-", "_", "*", ".", "", "x", "+"), "new", what="the replacement"),
    },
    frag="replaced",
    weight=1.3,
)
fn(
    "remove_char",
    "str",
    "same",
    ("$x.replace($k, '')", "''.join(ch for ch in $x if ch != $k)"),
    "remove every $k from $e",
    "delete all occurrences of $k in $e",
    "drop each $k from $e",
    nps=("$np without any $k", "$np with every $k removed"),
    noun="cleaned form|cleaned forms",
    params={"k": ANY_LETTER},
    frag="cleaned",
    weight=1.0,
)
fn(
    "remove_spaces",
    "str",
    "same",
    ("$x.replace(' ', '')",),
    "remove the spaces from $e",
    "delete all blanks in $e",
    nps=("$np without spaces", "$np with all spaces removed"),
    noun="compact form|compact forms",
    frag="compact",
    weight=0.7,
    seeds=lambda r, s, p: (
        f"{s} {r.choice(('one', 'big', 'old', 'blue'))} {r.choice(('end', 'day', 'box'))}"
    ),
)
fn(
    "remove_vowels",
    "str",
    "same",
    (
        "''.join(ch for ch in $x if ch.lower() not in 'aeiou')",
        "''.join(c for c in $x if c not in 'aeiouAEIOU')",
    ),
    "remove the vowels from $e",
    "leave out the vowels of $e",
    "strip all vowels out of $e",
    nps=("$np without vowels", "$np with the vowels removed"),
    noun="vowel-free form|vowel-free forms",
    frag="without_vowels",
    weight=0.9,
)
fn(
    "remove_digits",
    "str",
    "same",
    ("''.join(ch for ch in $x if not ch.isdigit())",),
    "remove the digits from $e",
    "delete all digits in $e",
    nps=("$np without digits",),
    noun="digit-free form|digit-free forms",
    frag="without_digits",
    weight=0.7,
    seeds=lambda r, s, p: f"{s[:2]}{r.randint(0, 99)}{s[2:]}",
)
fn(
    "only_digits",
    "str",
    "same",
    ("''.join(ch for ch in $x if ch.isdigit())", "''.join(filter(str.isdigit, $x))"),
    "keep only the digits of $e",
    "throw away everything but the digits of $e",
    nps=("the digits of $np, joined", "$np reduced to the digits"),
    noun="digits|digits",
    frag="digits",
    weight=0.7,
    seeds=lambda r, s, p: f"{s[:2]}{r.randint(0, 99)}{s[2:]}{r.randint(0, 9)}",
)
fn(
    "only_letters",
    "str",
    "same",
    ("''.join(ch for ch in $x if ch.isalpha())", "''.join(filter(str.isalpha, $x))"),
    "keep only the letters of $e",
    "remove everything that is not a letter from $e",
    nps=("$np reduced to the letters", "the letters of $np, joined"),
    noun="letters|letters",
    frag="letters",
    weight=0.7,
    seeds=lambda r, s, p: f"{s[:2]}{r.choice((1, 2, 9))}-{s[2:]}!",
)
fn(
    "collapse",
    "str",
    "same",
    ("' '.join($x.split())",),
    "collapse runs of whitespace in $e to single spaces",
    "squeeze the whitespace of $e to single blanks",
    nps=("$np with runs of whitespace collapsed to single spaces",),
    noun="tidy form|tidy forms",
    frag="tidied",
    weight=0.7,
    seeds=lambda r, s, p: f"{s}  and   {s}" if r.random() < 0.5 else f" {s}  x",
)
fn(
    "underscores",
    "str",
    "same",
    ("$x.replace(' ', '_')", "'_'.join($x.split(' '))"),
    "replace the spaces in $e by underscores",
    "write underscores for the spaces of $e",
    nps=("$np with underscores instead of spaces",),
    noun="identifier|identifiers",
    frag="underscored",
    weight=0.7,
    seeds=lambda r, s, p: (
        f"{s} {r.choice(('one', 'big', 'old', 'blue'))} {r.choice(('end', 'day', 'box'))}"
    ),
)
fn(
    "slug",
    "str",
    "same",
    ("'-'.join($x.lower().split())",),
    "lower-case $e and join the words with hyphens",
    "turn $e into a slug: lower case, words joined by hyphens",
    nps=("the slug[|s] of $np (lower case, words joined by hyphens)",),
    noun="slug|slugs",
    frag="slugs",
    weight=0.7,
    seeds=lambda r, s, p: (
        f"{s} {r.choice(('one', 'big', 'old', 'blue'))} {r.choice(('end', 'day', 'box'))}"
    ),
)
fn(
    "initials",
    "str",
    "same",
    (
        "''.join(word[0] for word in $x.split())",
        "''.join(part[0] for part in $x.split())",
    ),
    "take the first letters of the words of $e",
    "join the first letter of every word of $e",
    nps=("the initials of $np",),
    noun="initials|initials",
    frag="initials",
    weight=0.8,
    seeds=lambda r, s, p: (
        f"{s} {r.choice(('one', 'big', 'old', 'blue'))} {r.choice(('end', 'day', 'box'))}"
    ),
)
fn(
    "acronym",
    "str",
    "same",
    (
        "''.join(word[0].upper() for word in $x.split())",
        "''.join(word[0] for word in $x.split()).upper()",
    ),
    "build the acronym of $e from the upper-case first letters of the words",
    "join the capitalised first letters of the words of $e",
    nps=("the acronym[|s] of $np in capitals",),
    noun="acronym|acronyms",
    frag="acronyms",
    weight=0.6,
    seeds=lambda r, s, p: (
        f"{s} {r.choice(('one', 'big', 'old', 'blue'))} {r.choice(('end', 'day', 'box'))}"
    ),
)
fn(
    "double_letters",
    "str",
    "same",
    ("''.join(ch * 2 for ch in $x)", "''.join(ch + ch for ch in $x)"),
    "double every character of $e",
    "write each character of $e twice",
    nps=("$np with every character doubled",),
    noun="doubled form|doubled forms",
    frag="doubled",
    weight=0.6,
)
fn(
    "sort_letters",
    "str",
    "same",
    ("''.join(sorted($x))",),
    "sort the characters of $e",
    "put the characters of $e in order",
    nps=("$np with the characters sorted",),
    noun="sorted form|sorted forms",
    frag="sorted",
    weight=0.7,
)
fn(
    "unique_chars",
    "str",
    "same",
    ("''.join(dict.fromkeys($x))",),
    "remove repeated characters from $e, keeping the first of each",
    "drop every character of $e that occurred before",
    nps=("$np without repeated characters (first occurrences kept)",),
    noun="reduced form|reduced forms",
    frag="deduped",
    weight=0.6,
)
fn(
    "reverse_words",
    "str",
    "same",
    ("' '.join($x.split()[::-1])", "' '.join(reversed($x.split()))"),
    "put the words of $e in reverse order",
    nps=("$np with the words in reverse order",),
    noun="reversed form|reversed forms",
    frag="word_reversed",
    weight=0.5,
    seeds=lambda r, s, p: (
        f"{s} {r.choice(('one', 'big', 'old', 'blue'))} {r.choice(('end', 'day', 'box'))}"
    ),
)
fn(
    "shift_letters",
    "str",
    "same",
    ("''.join(chr((ord(c) - 97 + $k) % 26 + 97) if 'a' <= c <= 'z' else c for c in $x)",),
    "shift the small letters of $e by $k places in the alphabet, wrapping around",
    nps=("$np with the small letters shifted by $k places in the alphabet (wrapping around)",),
    noun="shifted form|shifted forms",
    params={"k": small(1, 13, "shift", "places", "k")},
    frag="shifted",
    weight=0.4,
)
