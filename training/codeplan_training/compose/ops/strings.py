"""Element functions and conditions on strings and ISO dates."""

from __future__ import annotations

from codeplan_training.compose.ops.prims import fn, from_text, one_of, pred, small

LETTERS = ("a", "e", "s", "t", "o", "n", "r")
FIRST_LETTER = from_text(
    lambda r, s: s.strip()[0],
    LETTERS,
    "letter",
    "prefix",
    "initial",
    "start",
    what="the first letter",
)
LAST_LETTER = from_text(
    lambda r, s: s.strip()[-1],
    LETTERS,
    "letter",
    "suffix",
    "ending",
    what="the last letter",
)
ANY_LETTER = from_text(
    lambda r, s: r.choice(s.replace(" ", "") or "a"),
    LETTERS,
    "letter",
    "char",
    "ch",
    "character",
    what="the letter",
)
PREFIX = from_text(
    lambda r, s: s.strip()[: r.randint(1, 2)],
    LETTERS,
    "prefix",
    "start",
    what="the prefix",
)
SUFFIX = from_text(
    lambda r, s: s.strip()[-r.randint(1, 3) :],
    ("s", "er", ".txt", "y"),
    "suffix",
    "ending",
    "extension",
    what="the suffix",
)
PIECE = from_text(
    lambda r, s: (lambda i: s[i : i + r.randint(1, 3)].strip())(r.randrange(len(s))),
    ("an", "e", "o"),
    "part",
    "needle",
    "piece",
    "term",
    "pattern",
    what="the text to look for",
)
LENGTH = small(2, 6, "length", "size", "limit", "n", "width")

pred(
    "longer",
    "str",
    "len($x) > $k",
    "[is|are] longer than $k characters",
    "[has|have] more than $k characters",
    "[has|have] a length above $k",
    "[consists|consist] of more than $k characters",
    params={"k": LENGTH},
    frag="long",
    weight=2.0,
)
pred(
    "shorter",
    "str",
    "len($x) < $k",
    "[is|are] shorter than $k characters",
    "[has|have] fewer than $k characters",
    "[has|have] a length below $k",
    params={"k": LENGTH},
    frag="short",
    weight=1.4,
)
pred(
    "at_least_long",
    "str",
    "len($x) >= $k",
    "[has|have] at least $k characters",
    "[is|are] at least $k characters long",
    "[has|have] $k or more characters",
    params={"k": LENGTH},
    frag="long",
    weight=1.2,
)
pred(
    "exact_length",
    "str",
    "len($x) == $k",
    "[has|have] exactly $k characters",
    "[is|are] exactly $k characters long",
    "[has|have] a length of $k",
    params={"k": LENGTH},
    frag="of_length",
    weight=1.0,
)
pred(
    "starts",
    "str",
    "$x.startswith($k)",
    "start[s|] with $k",
    "begin[s|] with $k",
    "[has|have] the prefix $k",
    params={"k": PREFIX},
    frag="starting_with",
    weight=2.0,
)
pred(
    "ends",
    "str",
    "$x.endswith($k)",
    "end[s|] with $k",
    "end[s|] in $k",
    "[has|have] the suffix $k",
    params={"k": SUFFIX},
    frag="ending_with",
    weight=2.0,
)
pred(
    "contains",
    "str",
    "$k in $x",
    "contain[s|] $k",
    "[has|have] $k somewhere inside",
    "include[s|] the text $k",
    params={"k": PIECE},
    frag="containing",
    weight=2.0,
)
pred(
    "contains_nocase",
    "str",
    "$k.lower() in $x.lower()",
    "contain[s|] $k in any case",
    "contain[s|] $k, ignoring case",
    params={"k": PIECE},
    frag="containing",
    weight=0.7,
)
pred(
    "has_digit",
    "str",
    (
        "any(ch.isdigit() for ch in $x)",
        "any(c.isdigit() for c in $x)",
        "any(map(str.isdigit, $x))",
    ),
    "contain[s|] a digit",
    "contain[s|] at least one digit",
    "[has|have] a digit in [it|them]",
    frag="with_digits",
    weight=1.0,
)
pred(
    "no_digit",
    "str",
    ("not any(ch.isdigit() for ch in $x)", "all(not ch.isdigit() for ch in $x)"),
    "contain[s|] no digit",
    "[is|are] free of digits",
    frag="without_digits",
    weight=0.6,
)
pred(
    "all_digits",
    "str",
    "$x.isdigit()",
    "[consists|consist] only of digits",
    "[is|are] made up of digits only",
    adjs=("numeric",),
    frag="numeric",
    weight=0.8,
)
pred(
    "alphabetic",
    "str",
    "$x.isalpha()",
    "[consists|consist] only of letters",
    "contain[s|] nothing but letters",
    adjs=("purely alphabetic",),
    frag="alphabetic",
    weight=0.8,
)
pred(
    "upper",
    "str",
    ("$x.isupper()",),
    "[is|are] written in capitals",
    "[is|are] all upper case",
    adjs=("upper-case",),
    frag="uppercase",
    weight=0.4,
)
pred(
    "capitalised",
    "str",
    ("$x[:1].isupper()",),
    "start[s|] with a capital letter",
    "begin[s|] with an upper-case letter",
    adjs=("capitalised",),
    frag="capitalised",
    weight=0.9,
)
pred(
    "palindrome",
    "str",
    ("$x == $x[::-1]",),
    "read[s|] the same backwards",
    "[is a palindrome|are palindromes]",
    "[is|are] equal to [its|their] reverse",
    adjs=("palindromic",),
    frag="palindromic",
    weight=1.0,
)
pred(
    "vowel_start",
    "str",
    (
        "$x[:1].lower() in tuple('aeiou')",
        "$x.lower().startswith(('a', 'e', 'i', 'o', 'u'))",
    ),
    "start[s|] with a vowel",
    "begin[s|] with a vowel",
    frag="vowel_first",
    weight=1.0,
)
pred(
    "same_ends",
    "str",
    "$x[:1] == $x[-1:]",
    "start[s|] and end[s|] with the same character",
    "[has|have] the same first and last character",
    frag="same_ended",
    weight=0.6,
)
pred(
    "blank",
    "str",
    "not $x.strip()",
    "[is|are] blank",
    "[is|are] empty or only whitespace",
    adjs=("blank",),
    frag="blank",
    weight=0.4,
)
pred(
    "not_blank",
    "str",
    ("$x.strip()",),
    "[is|are] not blank",
    "contain[s|] more than whitespace",
    adjs=("non-blank",),
    frag="non_blank",
    weight=0.6,
)
pred(
    "has_space",
    "str",
    ("' ' in $x",),
    "contain[s|] a space",
    "[has|have] a blank inside",
    frag="with_space",
    weight=0.5,
)
pred(
    "repeated_letter",
    "str",
    ("len(set($x)) < len($x)",),
    "contain[s|] some character more than once",
    "[has|have] a repeated character",
    frag="with_repeats",
    weight=0.6,
)
pred(
    "unique_letters",
    "str",
    ("len(set($x)) == len($x)",),
    "[has|have] no repeated character",
    "[consists|consist] of different characters only",
    frag="isogram",
    weight=0.6,
)
pred(
    "many_vowels",
    "str",
    ("sum(ch in 'aeiou' for ch in $x.lower()) >= $k",),
    "contain[s|] at least $k vowels",
    "[has|have] $k or more vowels",
    params={"k": small(2, 3, "count", "minimum")},
    frag="vowel_rich",
    weight=0.6,
)
pred(
    "text_equals",
    "str",
    ("$x == $k",),
    "[is|are] equal to $k",
    "[is|are] exactly $k",
    "[equals|equal] $k",
    params={
        "k": from_text(
            lambda r, s: s,
            ("a", "b"),
            "wanted",
            "target",
            "value",
            what="the wanted text",
        )
    },
    frag="equal",
    weight=0.5,
)
pred(
    "equals_nocase",
    "str",
    ("$x.lower() == $k.lower()",),
    "[equals|equal] $k, ignoring case",
    "[is|are] $k in any spelling of case",
    params={
        "k": from_text(
            lambda r, s: s,
            ("yes", "no"),
            "wanted",
            "target",
            "name",
            what="the wanted text",
        )
    },
    frag="matching",
    weight=0.5,
)

fn(
    "upper",
    "str",
    "same",
    "$x.upper()",
    "convert $e to upper case",
    "put $e in capitals",
    "make $e upper case",
    "turn $e into capital letters",
    "upper-case $e",
    nps=("$np in upper case", "$np in capitals", "$np converted to upper case"),
    noun="upper-case form|upper-case forms",
    frag="uppercased",
    weight=1.5,
)
fn(
    "lower",
    "str",
    "same",
    "$x.lower()",
    "convert $e to lower case",
    "put $e in small letters",
    "make $e lower case",
    "lower-case $e",
    nps=("$np in lower case", "$np in small letters", "$np converted to lower case"),
    noun="lower-case form|lower-case forms",
    frag="lowercased",
    weight=1.5,
    seeds=lambda r, s, p: "".join(c.upper() if r.random() < 0.3 else c for c in s),
)
fn(
    "capitalise",
    "str",
    "same",
    "$x.capitalize()",
    "capitalise $e (first letter upper case, the rest lower case)",
    "make the first letter of $e a capital and the rest lower case",
    "capitalize $e",
    nps=(
        "$np capitalised",
        "$np with a capital first letter and the rest in lower case",
    ),
    noun="capitalised form|capitalised forms",
    frag="capitalised",
    weight=1.0,
)
fn(
    "title",
    "str",
    "same",
    "$x.title()",
    "put $e in title case",
    "start every word of $e with a capital letter",
    nps=("$np in title case",),
    noun="title-case form|title-case forms",
    frag="titled",
    weight=0.7,
)
fn(
    "swapcase",
    "str",
    "same",
    "$x.swapcase()",
    "swap upper and lower case in $e",
    "exchange capital and small letters in $e",
    nps=("$np with upper and lower case swapped",),
    noun="case-swapped form|case-swapped forms",
    frag="swapped",
    weight=0.6,
    seeds=lambda r, s, p: "".join(c.upper() if r.random() < 0.3 else c for c in s),
)
fn(
    "strip",
    "str",
    "same",
    "$x.strip()",
    "strip $e",
    "remove the whitespace around $e",
    "trim the blanks at both ends of $e",
    "strip surrounding whitespace from $e",
    nps=("$np without surrounding whitespace", "$np, stripped"),
    noun="stripped form|stripped forms",
    frag="stripped",
    weight=1.0,
    seeds=lambda r, s, p: r.choice((" ", "  ", "\t")) + s + r.choice((" ", "  ", "")),
)
fn(
    "reverse_text",
    "str",
    "same",
    ("$x[::-1]", "''.join(reversed($x))"),
    "reverse $e",
    "write $e backwards",
    "reverse the characters of $e",
    "turn $e around",
    nps=("$np written backwards", "$np spelled backwards"),
    noun="reversal|reversals",
    frag="reversed",
    weight=1.2,
)
fn(
    "first_chars",
    "str",
    "same",
    "$x[:$k]",
    "cut $e to the first $k characters",
    "keep the first $k characters of $e",
    "take the first $k characters of $e",
    "shorten $e to $k characters",
    nps=("the first $k characters of $np", "$np cut to $k characters"),
    noun="first $k characters|first $k characters",
    params={"k": small(2, 5, "n", "length", "width", "size")},
    frag="shortened",
    weight=1.0,
)
fn(
    "last_chars",
    "str",
    "same",
    "$x[-$k:]",
    "keep the last $k characters of $e",
    "take the last $k characters of $e",
    nps=("the last $k characters of $np",),
    noun="last $k characters|last $k characters",
    params={"k": small(2, 4, chance=0.0)},
    frag="endings",
    weight=0.7,
)
fn(
    "drop_first",
    "str",
    "same",
    "$x[1:]",
    "remove the first character of $e",
    "drop the first character of $e",
    nps=("$np without the first character",),
    noun="rest|rests",
    frag="tails",
    weight=0.6,
)
fn(
    "drop_last",
    "str",
    "same",
    "$x[:-1]",
    "remove the last character of $e",
    "cut off the last character of $e",
    nps=("$np without the last character",),
    noun="beginning|beginnings",
    frag="heads",
    weight=0.6,
)
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
    "add_prefix",
    "str",
    "same",
    ("$k + $x",),
    "put $k in front of $e",
    "add the prefix $k to $e",
    "prepend $k to $e",
    nps=("$np with $k in front", "$np with the prefix $k"),
    noun="prefixed form|prefixed forms",
    params={
        "k": one_of(
            ("#", "@", "- ", "> ", "id_", "* ", "/"),
            "prefix",
            "mark",
            what="the prefix",
        )
    },
    frag="prefixed",
    weight=1.0,
)
fn(
    "add_suffix",
    "str",
    "same",
    ("$x + $k",),
    "append $k to $e",
    "add $k at the end of $e",
    "put $k behind $e",
    nps=("$np followed by $k", "$np with the suffix $k"),
    noun="extended form|extended forms",
    params={
        "k": one_of(
            ("!", ".", "s", ".txt", "?", ";", " x", "_old"),
            "suffix",
            "ending",
            what="the suffix",
        )
    },
    frag="suffixed",
    weight=1.0,
)
fn(
    "repeat_text",
    "str",
    "same",
    ("$x * $k",),
    "repeat $e $k times",
    "write $e $k times in a row",
    nps=("$np repeated $k times",),
    noun="repetition|repetitions",
    params={"k": small(2, 4, "times", "count", "n")},
    frag="repeated",
    weight=0.6,
)
fn(
    "pad_left",
    "str",
    "same",
    ("$x.rjust($k, $c)",),
    "pad $e on the left with $c to a width of $k",
    "right-align $e in $k characters, filled with $c",
    nps=("$np padded on the left with $c to $k characters",),
    noun="padded form|padded forms",
    params={
        "k": small(4, 8, "width", "size"),
        "c": one_of((".", "-", "*", "_", "0"), "fill"),
    },
    frag="padded",
    weight=0.6,
)
fn(
    "pad_right",
    "str",
    "same",
    ("$x.ljust($k, $c)",),
    "pad $e on the right with $c to a width of $k",
    "left-align $e in $k characters, filled with $c",
    nps=("$np padded on the right with $c to $k characters",),
    noun="padded form|padded forms",
    params={
        "k": small(4, 8, "width", "size"),
        "c": one_of((".", "-", "*", "_"), "fill"),
    },
    frag="padded",
    weight=0.6,
)
fn(
    "centre",
    "str",
    "same",
    ("$x.center($k, $c)",),
    "centre $e in a field of $k characters filled with $c",
    "center $e in $k characters of $c",
    nps=("$np centred in $k characters of $c",),
    noun="centred form|centred forms",
    params={
        "k": small(5, 9, "width", "size"),
        "c": one_of(("-", "*", "=", "."), "fill"),
    },
    frag="centred",
    weight=0.5,
)
fn(
    "quote",
    "str",
    "same",
    ("f'\"{$x}\"'",),
    "put $e in double quotes",
    "wrap $e in double quotes",
    nps=("$np in double quotes",),
    noun="quoted form|quoted forms",
    frag="quoted",
    weight=0.3,
)
fn(
    "bracket",
    "str",
    "same",
    ("f'[{$x}]'", "'[' + $x + ']'"),
    "put $e in square brackets",
    "wrap $e in square brackets",
    "enclose $e in brackets",
    nps=("$np in square brackets", "$np enclosed in brackets"),
    noun="bracketed form|bracketed forms",
    frag="bracketed",
    weight=0.7,
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
    "mask",
    "str",
    "same",
    ("'*' * (len($x) - $k) + $x[-$k:]",),
    "mask all but the last $k characters of $e with '*'",
    "hide $e behind stars except for the last $k characters",
    nps=("$np masked with '*' except for the last $k characters",),
    noun="masked form|masked forms",
    params={"k": small(2, 4, chance=0.0)},
    frag="masked",
    weight=0.5,
)
fn(
    "before",
    "str",
    "same",
    ("$x.split($k)[0]", "$x.partition($k)[0]"),
    "keep the part of $e before the first $k",
    "cut $e off at the first $k",
    nps=("the part[|s] of $np before the first $k",),
    noun="part before $k|parts before $k",
    params={
        "k": one_of(
            (" ", "@", ".", "-", ":", "_", "/"),
            "sep",
            "separator",
            "mark",
            what="the separator",
        )
    },
    frag="heads",
    weight=0.7,
    seeds=lambda r, s, p: p["k"].join((s, r.choice(("x", "end", "7b", "rest")))),
)
fn(
    "after_last",
    "str",
    "same",
    ("$x.split($k)[-1]", "$x.rpartition($k)[2]"),
    "keep the part of $e after the last $k",
    "take what follows the last $k in $e",
    nps=("the part[|s] of $np after the last $k",),
    noun="part after $k|parts after $k",
    params={
        "k": one_of(
            (" ", "@", ".", "-", ":", "_", "/"),
            "sep",
            "separator",
            "mark",
            what="the separator",
        )
    },
    frag="tails",
    weight=0.7,
    seeds=lambda r, s, p: p["k"].join((s, r.choice(("x", "end", "7b", "rest")))),
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
    "remove_prefix",
    "str",
    "same",
    ("$x.removeprefix($k)",),
    "remove the prefix $k from $e if present",
    "cut a leading $k off $e",
    nps=("$np without the leading $k (if any)",),
    noun="shortened form|shortened forms",
    params={"k": PREFIX},
    frag="stripped",
    weight=0.5,
    seeds=lambda r, s, p: p["k"] + s,
)
fn(
    "remove_suffix",
    "str",
    "same",
    ("$x.removesuffix($k)",),
    "remove the suffix $k from $e if present",
    "cut a trailing $k off $e",
    nps=("$np without the trailing $k (if any)",),
    noun="shortened form|shortened forms",
    params={"k": SUFFIX},
    frag="stripped",
    weight=0.6,
    seeds=lambda r, s, p: s + p["k"],
)
fn(
    "first_word",
    "str",
    "same",
    ("$x.split()[0]",),
    "take the first word of $e",
    nps=("the first word[|s] of $np",),
    noun="first word|first words",
    frag="first_words",
    weight=0.5,
    seeds=lambda r, s, p: (
        f"{s} {r.choice(('one', 'big', 'old', 'blue'))} {r.choice(('end', 'day', 'box'))}"
    ),
)
fn(
    "last_word",
    "str",
    "same",
    ("$x.split()[-1]",),
    "take the last word of $e",
    nps=("the last word[|s] of $np",),
    noun="last word|last words",
    frag="last_words",
    weight=0.5,
    seeds=lambda r, s, p: (
        f"{s} {r.choice(('one', 'big', 'old', 'blue'))} {r.choice(('end', 'day', 'box'))}"
    ),
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
    "first_char",
    "str",
    "same",
    "$x[0]",
    "take the first character of $e",
    "replace $e by its first letter",
    noun="first letter|first letters",
    frag="first_letters",
    weight=0.6,
)
fn(
    "last_char",
    "str",
    "same",
    "$x[-1]",
    "take the last character of $e",
    "replace $e by its last letter",
    noun="last letter|last letters",
    frag="last_letters",
    weight=0.6,
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
)

pred(
    "in_year",
    "date",
    ("$x.startswith($k)", "$x[:4] == $k"),
    "[lies|lie] in the year $k",
    "[is|are] from the year $k",
    "fall[s|] in $k",
    params={"k": one_of(("2022", "2023", "2024"), "year")},
    frag="of_year",
    weight=1.0,
)
pred(
    "in_month",
    "date",
    ("$x[5:7] == $k",),
    "[lies|lie] in month $k",
    "[has|have] the month $k",
    params={"k": one_of(("01", "03", "06", "11", "12"), "month")},
    frag="of_month",
    weight=0.8,
)
pred(
    "before",
    "date",
    ("$x < $k",),
    "[is|are] before $k",
    "[is|are] earlier than $k",
    "come[s|] before $k",
    params={
        "k": one_of(
            ("2023-01-01", "2023-07-01", "2024-01-01", "2024-03-15"),
            "limit",
            "day",
            "today",
        )
    },
    frag="before",
    weight=1.0,
)
pred(
    "on_or_after",
    "date",
    ("$x >= $k",),
    "[is|are] on or after $k",
    "[is|are] not before $k",
    params={
        "k": one_of(
            ("2023-01-01", "2023-07-01", "2024-01-01", "2024-03-15"),
            "start",
            "day",
            "since",
        )
    },
    frag="since",
    weight=1.0,
)
fn(
    "year",
    "date",
    "int",
    ("int($x[:4])", "int($x.split('-')[0])"),
    "take the year of $e as a number",
    noun="year|years",
    frag="years",
    weight=1.0,
)
fn(
    "month",
    "date",
    "int",
    ("int($x[5:7])", "int($x.split('-')[1])"),
    "take the month number of $e",
    noun="month number|month numbers",
    frag="months",
    weight=1.0,
)
fn(
    "year_month",
    "date",
    "str",
    ("$x[:7]",),
    "cut $e to year and month",
    "keep the 'YYYY-MM' part of $e",
    noun="'YYYY-MM' part|'YYYY-MM' parts",
    frag="months",
    weight=0.7,
)
fn(
    "weekday",
    "date",
    "int",
    ("date.fromisoformat($x).weekday()",),
    "compute the weekday number of $e (Monday is 0)",
    noun="weekday number (Monday is 0)|weekday numbers (Monday is 0)",
    imports=("from datetime import date",),
    frag="weekdays",
    weight=0.6,
)
fn(
    "european",
    "date",
    "str",
    ("'.'.join(reversed($x.split('-')))", "'.'.join($x.split('-')[::-1])"),
    "write $e as 'DD.MM.YYYY'",
    nps=("$np in the form 'DD.MM.YYYY'",),
    noun="'DD.MM.YYYY' form|'DD.MM.YYYY' forms",
    frag="formatted",
    weight=0.6,
)
