"""Algorithms that go through a list once: runs, windows, prefix sums."""

from __future__ import annotations

from codeplan_training.compose.ops.kinds import always, ints, nums, of, plain, same
from codeplan_training.compose.ops.prims import one_of, small
from codeplan_training.compose.ops.whole import algo
from codeplan_training.compose.values import INT, Ty, list_of, pair_of

algo(
    "longest_run",
    plain,
    always(INT),
    (
        "the length of the longest run of equal neighbours in $np",
        "how many equal $h stand next to each other at most in $np",
    ),
    (
        "best = run = 0\nprevious = None\nfor v in $l:\n"
        "    run = run + 1 if v == previous else 1\n    best = max(best, run)\n    previous = v\n"
        "=> best",
        "go through the $h and remember the one before",
        "the current run grows by 1 if the $s is equal to the one before, otherwise it starts "
        "again at 1",
        "keep the longest run",
    ),
    (
        "=> max((len(list(group)) for _, group in groupby($l)), default=0)",
        "group equal neighbours with groupby",
        "take the size of the largest group, 0 if there is none",
    ),
    noun="length|lengths|one",
    imports=("from itertools import groupby",),
    names=("longest_run", "longest_streak", "max_run_length"),
    weight=0.9,
)
algo(
    "run_lengths",
    plain,
    lambda ty: list_of(pair_of(of(ty), INT)),
    (
        "the runs of equal neighbours in $np as (value, length) pairs",
        "the run-length encoding of $np as pairs of value and count",
    ),
    (
        "runs = []\nfor v in $l:\n    if runs and runs[-1][0] == v:\n"
        "        runs[-1] = (v, runs[-1][1] + 1)\n    else:\n        runs.append((v, 1))\n=> runs",
        "start with an empty list of runs",
        "if the $s is equal to the value of the last run, make that run longer by 1",
        "otherwise append a new run of length 1",
    ),
    (
        "=> [(v, len(list(group))) for v, group in groupby($l)]",
        "group equal neighbours",
        "make a pair of the value and the size for each group",
    ),
    noun="pair|pairs|many",
    imports=("from itertools import groupby",),
    names=("run_lengths", "encode_runs", "runs_of_$n"),
    weight=0.8,
)
algo(
    "collapse_runs",
    plain,
    same,
    (
        "$np with runs of equal neighbours reduced to one",
        "$np without immediate repetitions",
    ),
    (
        "kept = []\nfor v in $l:\n    if not kept or kept[-1] != v:\n        kept.append(v)\n"
        "=> kept",
        "start with an empty list",
        "append each $s unless it is equal to the last one kept",
    ),
    exprs=("[v for i, v in enumerate($l) if i == 0 or v != $l[i - 1]]",),
    says=(
        "drop every one of $o that is equal to the one before it",
        "squeeze runs of equal $h to one",
    ),
    flags="",
    names=("squeeze_$n", "collapse_repeats", "without_repeats"),
    weight=0.9,
)
algo(
    "split_runs",
    plain,
    list_of,
    (
        "$np split into lists of equal neighbours",
        "the groups of equal neighbours in $np",
    ),
    (
        "groups = []\nfor v in $l:\n    if groups and groups[-1][-1] == v:\n"
        "        groups[-1].append(v)\n    else:\n        groups.append([v])\n=> groups",
        "start with no groups",
        "append the $s to the last group if it is equal to its members, otherwise open a new group",
    ),
    exprs=("[list(group) for _, group in groupby($l)]",),
    imports=("from itertools import groupby",),
    flags="",
    noun="group|groups|many",
    sampled=False,
    names=("group_repeats", "split_into_runs"),
    weight=0.7,
)
algo(
    "increasing_run",
    nums,
    always(INT),
    (
        "the length of the longest strictly increasing stretch of neighbours in $np",
        "how long the longest rise without interruption in $np is",
    ),
    (
        "best = run = 0\nfor i, v in enumerate($l):\n"
        "    run = run + 1 if i and v > $l[i - 1] else 1\n    best = max(best, run)\n=> best",
        "go through the $h with their index",
        "the current stretch grows if the $s is greater than the one before, otherwise it starts "
        "again at 1",
        "keep the largest length",
    ),
    noun="length|lengths|one",
    names=("longest_rise", "longest_increase", "rising_streak"),
    weight=0.8,
)
algo(
    "streak_above",
    nums,
    always(INT),
    (
        "the length of the longest run of $h above $k in $np",
        "how many $h in a row are greater than $k at most in $np",
    ),
    (
        "best = run = 0\nfor v in $l:\n    run = run + 1 if v > $k else 0\n"
        "    best = max(best, run)\n=> best",
        "count the $h in a row that are above $k; the count falls back to 0 at any other $s",
        "keep the largest count",
    ),
    noun="length|lengths|one",
    params={"k": small(4, 12, "limit", "threshold", "minimum", what="the bound")},
    names=("longest_streak_above", "best_streak", "hot_streak"),
    weight=0.8,
)
algo(
    "max_subarray",
    ints,
    always(INT),
    (
        "the largest sum of a contiguous, non-empty part of $np",
        "the greatest sum that neighbouring $h of $np can have",
    ),
    (
        "best = current = $l[0]\nfor v in $l[1:]:\n    current = max(v, current + v)\n"
        "    best = max(best, current)\n=> best",
        "start with the first $s as current and best sum",
        "the best part that ends at a $s is that $s alone or added to the part before",
        "keep the largest sum",
    ),
    noun="sum|sums|one",
    names=("best_stretch", "largest_segment_sum", "peak_total"),
    weight=0.6,
    sampled=False,
)
algo(
    "best_window",
    ints,
    always(INT),
    (
        "the largest sum of $k neighbouring $h in $np",
        "the greatest total of $k consecutive $h in $np",
    ),
    (
        "best = current = sum($l[:$k])\nfor i in range($k, len($l)):\n"
        "    current += $l[i] - $l[i - $k]\n    best = max(best, current)\n=> best",
        "add up the first $k $h",
        "slide the window: add the next $s and subtract the one that leaves it",
        "keep the largest sum",
    ),
    (
        "=> max((sum($l[i:i + $k]) for i in range(len($l) - $k + 1)), default=sum($l))",
        "add up every window of $k neighbours",
        "take the largest sum; with fewer than $k $h take the sum of all",
    ),
    noun="sum|sums|one",
    params={"k": small(2, 3, "size", "width", "k")},
    names=("best_window", "max_window_sum", "busiest_window"),
    weight=0.8,
    sampled=False,
)
algo(
    "moving_average",
    nums,
    always(list_of(Ty("float"))),
    (
        "the averages of every $k neighbouring $h in $np",
        "the moving average of $np over $k values",
    ),
    (
        "averages = []\nfor i in range(len($l) - $k + 1):\n"
        "    averages.append(sum($l[i:i + $k]) / $k)\n=> averages",
        "take every window of $k neighbours",
        "append its sum divided by $k",
    ),
    exprs=("[sum($l[i:i + $k]) / $k for i in range(len($l) - $k + 1)]",),
    says=(
        "average every $k neighbours of $o",
        "smooth $o with a moving average over $k values",
    ),
    noun="average|averages|many",
    flags="",
    params={"k": one_of((2, 4), "size", "width", kind="int")},
    names=("moving_average", "smooth_$n", "rolling_mean"),
    weight=0.9,
)
algo(
    "peaks",
    nums,
    same,
    (
        "the $h in $np that are greater than both neighbours",
        "the local maximums inside $np",
    ),
    (
        "found = []\nfor i in range(1, len($l) - 1):\n    if $l[i - 1] < $l[i] > $l[i + 1]:\n"
        "        found.append($l[i])\n=> found",
        "go through the inner positions",
        "append the $s if it is greater than the one before and the one after",
    ),
    exprs=("[b for a, b, c in zip($l, $l[1:], $l[2:]) if a < b > c]",),
    says=("keep the $h that are greater than both neighbours",),
    flags="",
    names=("peaks", "local_maxima", "peaks_of_$n"),
    weight=0.9,
)
algo(
    "leaders",
    nums,
    same,
    (
        "the $h in $np that are greater than all before them",
        "the record values of $np, each greater than everything before it",
    ),
    (
        "records = []\nfor v in $l:\n    if not records or v > records[-1]:\n"
        "        records.append(v)\n=> records",
        "start with an empty list",
        "append a $s if it is greater than the last record or the first of all",
    ),
    flags="",
    says=("keep the $h that are greater than everything before them",),
    names=("records", "record_$n", "new_highs"),
    weight=0.8,
)
algo(
    "rises",
    nums,
    always(INT),
    (
        "how often a $s in $np is greater than the one before",
        "the number of increases from one $s to the next in $np",
    ),
    (
        "count = 0\nfor i in range(1, len($l)):\n    if $l[i] > $l[i - 1]:\n        count += 1\n"
        "=> count",
        "start a counter at 0",
        "compare each $s with the one before and count the increases",
    ),
    exprs=("sum(b > a for a, b in zip($l, $l[1:]))",),
    flags="",
    noun="count|counts|one",
    names=("count_rises", "increases", "number_of_rises"),
    weight=0.8,
)
algo(
    "sign_changes",
    ints,
    always(INT),
    ("how often the sign changes between neighbouring $h in $np, zeros left out",),
    (
        "signs = [v > 0 for v in $l if v]\n=> sum(a != b for a, b in zip(signs, signs[1:]))",
        "drop the zeros and note for each other $s whether it is positive",
        "count the neighbouring notes that differ",
    ),
    noun="count|counts|one",
    names=("sign_changes", "count_sign_changes"),
    weight=0.5,
)
algo(
    "balance_index",
    ints,
    always(INT),
    (
        "the first index of $np where the sum of everything before equals the sum of everything "
        "after (-1 if there is none)",
    ),
    (
        "total = sum($l)\nleft = 0\nfor i, v in enumerate($l):\n"
        "    if left == total - left - v:\n        return i\n    left += v\n=> -1",
        "compute the total",
        "keep the sum of the $h before the current one",
        "return the index where it equals the rest after the current $s",
        "return -1 if no index fits",
    ),
    noun="index|indexes|one",
    names=("balance_point", "pivot_index", "balanced_at"),
    weight=0.4,
)
algo(
    "take_while",
    nums,
    same,
    (
        "the $h at the start of $np as long as they are below $k",
        "the leading $h of $np up to the first that is $k or more",
    ),
    (
        "taken = []\nfor v in $l:\n    if v >= $k:\n        break\n    taken.append(v)\n=> taken",
        "append the $h one by one",
        "stop at the first one that is not below $k",
    ),
    exprs=("list(takewhile(lambda v: v < $k, $l))",),
    says=("take the $h from the front as long as they are below $k",),
    imports=("from itertools import takewhile",),
    flags="",
    params={"k": small(5, 15, "limit", "stop", "bound", what="the bound")},
    names=("leading_$n", "take_while_low", "$n_until_limit"),
    weight=0.7,
)
algo(
    "drop_while",
    nums,
    same,
    (
        "$np without the leading ones below $k",
        "the rest of $np from the first $s on that is at least $k",
    ),
    (
        "start = 0\nwhile start < len($l) and $l[start] < $k:\n    start += 1\n=> $l[start:]",
        "move a start index forward while the $s there is below $k",
        "return the slice from the start index",
    ),
    exprs=("list(dropwhile(lambda v: v < $k, $l))",),
    says=("drop the $h at the front as long as they are below $k",),
    imports=("from itertools import dropwhile",),
    flags="",
    params={"k": small(4, 12, "limit", "bound", what="the bound")},
    names=("drop_leading", "$n_from_limit", "skip_low_start"),
    weight=0.6,
)
algo(
    "until_total",
    ints,
    always(INT),
    (
        "how many of $np, taken from the front, are needed until their sum reaches $k (-1 if it "
        "never does)",
    ),
    (
        "total = 0\nfor count, v in enumerate($l, start=1):\n    total += v\n"
        "    if total >= $k:\n        return count\n=> -1",
        "add the $h one by one",
        "return how many were added as soon as the total reaches $k",
        "return -1 if all together are not enough",
    ),
    noun="count|counts|one",
    params={"k": small(15, 60, "target", "goal", "limit", what="the sum to reach", chance=0.6)},
    names=("needed_for_total", "steps_to_goal", "how_many_until"),
    weight=0.7,
)
algo(
    "fill_budget",
    ints,
    same,
    (
        "the $h of $np that fit when they are taken in order as long as their sum stays at most "
        "$k; a $s that does not fit is skipped",
    ),
    (
        "chosen = []\nleft = $k\nfor v in $l:\n    if v <= left:\n        chosen.append(v)\n"
        "        left -= v\n=> chosen",
        "remember how much of $k is left",
        "take each $s that still fits and subtract it from what is left",
    ),
    flags="",
    params={
        "k": small(
            20,
            80,
            "budget",
            "capacity",
            "limit",
            what="the largest allowed sum",
            chance=0.7,
        )
    },
    names=("fill_budget", "what_fits", "choose_within"),
    weight=0.7,
)
algo(
    "alternating_sum",
    ints,
    always(INT),
    ("the alternating sum of $np (first minus second plus third and so on)",),
    (
        "total = 0\nfor i, v in enumerate($l):\n    total += v if i % 2 == 0 else -v\n=> total",
        "go through the $h with their index",
        "add those at even indexes and subtract the others",
    ),
    exprs=("sum($l[::2]) - sum($l[1::2])",),
    flags="",
    noun="sum|sums|one",
    names=("alternating_sum", "plus_minus_sum"),
    weight=0.7,
    sampled=False,
)
algo(
    "weighted_positions",
    ints,
    always(INT),
    ("the sum of $np, each multiplied by its position counted from 1",),
    (
        "total = 0\nfor position, v in enumerate($l, start=1):\n    total += position * v\n"
        "=> total",
        "number the $h from 1",
        "add up position times $s",
    ),
    exprs=("sum(i * v for i, v in enumerate($l, 1))",),
    flags="",
    noun="sum|sums|one",
    names=("weighted_sum", "checksum", "position_weighted"),
    weight=0.7,
    sampled=False,
)
algo(
    "max_profit",
    ints,
    always(INT),
    ("the largest increase from an earlier to a later $s in $np (0 if there is no increase)",),
    (
        "lowest = None\nbest = 0\nfor v in $l:\n    if lowest is None or v < lowest:\n"
        "        lowest = v\n    best = max(best, v - lowest)\n=> best",
        "remember the lowest $s so far",
        "the best increase that ends at a $s is its distance from the lowest before",
        "keep the largest",
    ),
    noun="increase|increases|one",
    names=("largest_increase", "best_gain", "max_climb"),
    weight=0.6,
)
algo(
    "no_adjacent",
    ints,
    always(INT),
    (
        "the largest sum of some of $np of which no two are neighbours (the empty choice counts "
        "as 0)",
    ),
    (
        "take = skip = 0\nfor v in $l:\n    take, skip = skip + v, max(take, skip)\n"
        "=> max(take, skip)",
        "keep two sums: the best one that uses the current $s and the best one that does not",
        "using the $s adds it to the sum that skipped the one before",
        "return the larger of the two at the end",
    ),
    noun="sum|sums|one",
    names=("best_spaced_sum", "sum_without_neighbours"),
    weight=0.4,
    sampled=False,
)
