"""Conditions on texts."""

from __future__ import annotations

from codeplan_training.compose.ops.data.text_choices import LENGTH, PIECE, PREFIX, SUFFIX
from codeplan_training.compose.ops.prims import from_text, pred, small

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
