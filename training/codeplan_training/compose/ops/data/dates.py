"""Conditions and element functions on dates in ISO form."""

from __future__ import annotations

from codeplan_training.compose.ops.prims import fn, one_of, pred

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
