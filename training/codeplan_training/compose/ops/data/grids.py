"""Operations on grids (lists of rows of numbers)."""

from __future__ import annotations

from codeplan_training.compose.ops.kinds import always, grid, same
from codeplan_training.compose.ops.prims import small
from codeplan_training.compose.ops.whole import Block, grid_whole
from codeplan_training.compose.values import BOOL, INT, STR, list_of, pair_of

grid_whole(
    "transpose",
    grid,
    same,
    ("[list(column) for column in zip(*$l)]", "list(map(list, zip(*$l)))"),
    ("transpose $o", "turn the rows of $o into columns", "swap rows and columns of $o"),
    ("$np transposed", "the columns of $np as rows"),
    "g",
    noun="column|columns|many",
    names=("transpose", "columns_of_$n", "transposed"),
    weight=1.5,
    blocks=(
        Block(
            "columns = []\nfor c in range(len($l[0]) if $l else 0):\n"
            "    columns.append([row[c] for row in $l])\n=> columns",
            (
                "go through the column indexes of the first row",
                "collect the cells with this index from all rows as a new row",
            ),
        ),
    ),
)
grid_whole(
    "grid_total",
    grid,
    always(INT),
    (
        "sum(sum(row) for row in $l)",
        "sum(cell for row in $l for cell in row)",
        "sum(map(sum, $l))",
    ),
    ("add up all cells of $o", "sum all the numbers in $o"),
    ("the sum of all cells in $np", "the total of all numbers in $np"),
    "unordered",
    noun="total|totals|one",
    names=("grid_total", "sum_of_cells", "total_of_$n"),
    weight=1.3,
    blocks=(
        Block(
            "total = 0\nfor row in $l:\n    for cell in row:\n        total += cell\n=> total",
            ("start with a total of 0", "go through the rows and add each cell"),
        ),
    ),
)
grid_whole(
    "column_sums",
    grid,
    always(list_of(INT)),
    ("[sum(column) for column in zip(*$l)]", "list(map(sum, zip(*$l)))"),
    ("add up each column of $o", "sum the columns of $o"),
    ("the sums of the columns of $np", "the list of column sums of $np"),
    "",
    noun="sum|sums|many",
    names=("column_sums", "sum_columns", "column_totals"),
    weight=1.5,
    blocks=(
        Block(
            "if not $l:\n    return []\nsums = [0] * len($l[0])\nfor row in $l:\n"
            "    for c, cell in enumerate(row):\n        sums[c] += cell\n=> sums",
            (
                "return an empty list for an empty grid",
                "start with a zero for each column",
                "add every cell to the sum of its column",
            ),
        ),
    ),
)
grid_whole(
    "column_max",
    grid,
    always(list_of(INT)),
    ("[max(column) for column in zip(*$l)]",),
    ("take the largest number of each column of $o",),
    ("the largest number in each column of $np",),
    "",
    noun="maximum|maximums|many",
    names=("column_maximums", "column_peaks", "highest_per_column"),
    weight=0.9,
)
grid_whole(
    "column",
    grid,
    always(list_of(INT)),
    ("[row[$k] for row in $l]",),
    ("take the cell with index $k from each row of $o", "collect column $k of $o"),
    ("the column with index $k of $np", "the cells at index $k of all rows in $np"),
    "",
    noun="cell|cells|many",
    params={"k": small(0, 1, "column", "index", what="the column's index", chance=0.5)},
    names=("column_of_$n", "get_column", "nth_column"),
    weight=1,
    blocks=(
        Block(
            "cells = []\nfor row in $l:\n    cells.append(row[$k])\n=> cells",
            ("start with an empty list", "append the cell at index $k of each row"),
        ),
    ),
)
grid_whole(
    "diagonal",
    grid,
    always(list_of(INT)),
    ("[row[i] for i, row in enumerate($l)]", "[$l[i][i] for i in range(len($l))]"),
    ("collect the main diagonal of $o",),
    (
        "the main diagonal of $np (from the top left)",
        "the cells of $np whose row and column index are equal",
    ),
    "square",
    noun="cell|cells|many",
    names=("diagonal", "main_diagonal", "diagonal_of_$n"),
    weight=1,
)
grid_whole(
    "anti_diagonal",
    grid,
    always(list_of(INT)),
    (
        "[row[-1 - i] for i, row in enumerate($l)]",
        "[$l[i][len($l) - 1 - i] for i in range(len($l))]",
    ),
    ("collect the diagonal of $o from the top right to the bottom left",),
    ("the diagonal of $np from the top right to the bottom left",),
    "square",
    noun="cell|cells|many",
    names=("anti_diagonal", "other_diagonal"),
    weight=0.6,
)
grid_whole(
    "flip_rows",
    grid,
    same,
    ("[row[::-1] for row in $l]",),
    ("mirror $o from left to right", "reverse every row of $o"),
    ("$np with every row reversed", "$np mirrored from left to right"),
    "",
    names=("mirror_grid", "flip_horizontally", "reverse_rows"),
    weight=0.9,
    blocks=(
        Block(
            "mirrored = []\nfor row in $l:\n    mirrored.append(list(reversed(row)))\n=> mirrored",
            ("start with an empty grid", "append each row in reverse"),
        ),
    ),
)
grid_whole(
    "flip_vertical",
    grid,
    same,
    ("$l[::-1]",),
    ("turn $o upside down", "reverse the order of the rows"),
    ("$np with the rows in reverse order", "$np turned upside down"),
    "",
    names=("flip_vertically", "upside_down"),
    weight=0.5,
)
grid_whole(
    "rotate_grid",
    grid,
    same,
    ("[list(row) for row in zip(*$l[::-1])]",),
    ("rotate $o by 90 degrees clockwise", "turn $o clockwise by a quarter"),
    ("$np rotated by 90 degrees clockwise",),
    "",
    names=("rotate_grid", "rotate_clockwise", "quarter_turn"),
    weight=0.9,
    blocks=(
        Block(
            "height = len($l)\nwidth = len($l[0]) if $l else 0\n"
            "=> [[$l[height - 1 - r][c] for r in range(height)] for c in range(width)]",
            (
                "measure height and width",
                "row c of the result is column c read from the bottom to the top",
            ),
        ),
    ),
)
grid_whole(
    "grid_max",
    grid,
    always(INT),
    ("max(cell for row in $l for cell in row)", "max(max(row) for row in $l)"),
    ("find the largest cell of $o",),
    ("the largest number in $np", "the highest cell of $np"),
    "",
    noun="number|numbers|one",
    empty=0,
    defaults=("max((cell for row in $l for cell in row), default=$d)",),
    names=("largest_cell", "grid_max", "highest_cell"),
    weight=1,
)
grid_whole(
    "count_cells",
    grid,
    always(INT),
    (
        "sum(row.count($k) for row in $l)",
        "sum(cell == $k for row in $l for cell in row)",
    ),
    ("count the cells of $o that are equal to $k",),
    ("the number of cells in $np that are equal to $k", "how often $k occurs in $np"),
    "",
    noun="count|counts|one",
    params={"k": small(0, 6, "target", "value", what="the number to count")},
    names=("count_cells", "count_in_grid", "occurrences"),
    weight=0.9,
    blocks=(
        Block(
            "count = 0\nfor row in $l:\n    for cell in row:\n        if cell == $k:\n"
            "            count += 1\n=> count",
            (
                "start a counter at 0",
                "go through all rows and cells",
                "add 1 for each cell equal to $k",
            ),
        ),
    ),
)
grid_whole(
    "count_above",
    grid,
    always(INT),
    (
        "sum(cell > $k for row in $l for cell in row)",
        "sum(1 for row in $l for cell in row if cell > $k)",
    ),
    ("count the cells of $o above $k",),
    ("the number of cells in $np that are greater than $k",),
    "",
    noun="count|counts|one",
    params={"k": small(2, 7, "limit", "threshold", what="the bound")},
    names=("count_high_cells", "cells_above"),
    weight=0.7,
)
grid_whole(
    "positions_in_grid",
    grid,
    always(list_of(pair_of(INT, INT))),
    ("[(r, c) for r, row in enumerate($l) for c, cell in enumerate(row) if cell == $k]",),
    ("list the (row, column) positions of $k in $o",),
    ("the (row, column) positions of all cells of $np that are equal to $k",),
    "end",
    noun="position|positions|many",
    params={"k": small(0, 6, "target", "wanted", what="the number to look for")},
    names=("find_cells", "positions_of", "locate"),
    weight=0.8,
    blocks=(
        Block(
            "found = []\nfor r, row in enumerate($l):\n    for c, cell in enumerate(row):\n"
            "        if cell == $k:\n            found.append((r, c))\n=> found",
            (
                "go through the rows with their index",
                "go through the cells of the row with their index",
                "append the pair of indexes when the cell is equal to $k",
            ),
        ),
    ),
)
grid_whole(
    "best_row",
    grid,
    always(INT),
    ("max(range(len($l)), key=lambda i: sum($l[i]))",),
    ("find the index of the row with the largest sum in $o",),
    ("the index of the row of $np with the largest sum (the first on ties)",),
    "end",
    noun="index|indexes|one",
    names=("best_row", "row_with_largest_sum", "heaviest_row"),
    weight=0.8,
    blocks=(
        Block(
            "sums = [sum(row) for row in $l]\n=> sums.index(max(sums))",
            ("add up each row", "return the index of the largest sum"),
        ),
    ),
)
grid_whole(
    "row_best",
    grid,
    always(list_of(INT)),
    ("max($l, key=sum)",),
    ("take the row with the largest sum",),
    ("the row of $np with the largest sum (the first on ties)",),
    "",
    noun="cell|cells|many",
    names=("heaviest_row", "largest_row"),
    weight=0.6,
)
grid_whole(
    "scale_grid",
    grid,
    same,
    ("[[cell * $k for cell in row] for row in $l]",),
    ("multiply every cell of $o by $k",),
    ("$np with every cell multiplied by $k",),
    "",
    params={"k": small(2, 9, "factor", "scale")},
    names=("scale_grid", "multiply_cells"),
    weight=0.9,
    blocks=(
        Block(
            "scaled = []\nfor row in $l:\n    scaled.append([cell * $k for cell in row])\n"
            "=> scaled",
            (
                "start with an empty grid",
                "append each row with its cells multiplied by $k",
            ),
        ),
    ),
)
grid_whole(
    "mask_grid",
    grid,
    same,
    (
        "[[1 if cell > $k else 0 for cell in row] for row in $l]",
        "[[int(cell > $k) for cell in row] for row in $l]",
    ),
    ("replace every cell of $o by 1 if it is above $k and by 0 otherwise",),
    ("a grid with 1 for every cell of $np above $k and 0 for the others",),
    "",
    params={"k": small(2, 7, "limit", "threshold", what="the bound")},
    names=("threshold_grid", "mask", "binarize"),
    weight=0.8,
)
grid_whole(
    "replace_cells",
    grid,
    same,
    ("[[$b if cell == $a else cell for cell in row] for row in $l]",),
    ("replace every $a in $o by $b",),
    ("$np with every $a replaced by $b",),
    "",
    params={
        "a": small(0, 4, "old", what="the number to replace"),
        "b": small(5, 9, "new", what="the replacement"),
    },
    names=("replace_cells", "replace_in_grid"),
    weight=0.7,
)
grid_whole(
    "grid_text",
    grid,
    always(STR),
    (
        "'\\n'.join(' '.join(str(cell) for cell in row) for row in $l)",
        "'\\n'.join(' '.join(map(str, row)) for row in $l)",
    ),
    ("write $o as text: cells separated by spaces, one line for each row",),
    ("$np as text, cells separated by spaces and rows by newlines",),
    "",
    noun="text|texts|one",
    names=("grid_to_text", "format_grid", "render_grid"),
    weight=0.8,
    blocks=(
        Block(
            "lines = []\nfor row in $l:\n    lines.append(' '.join(str(cell) for cell in row))\n"
            "=> '\\n'.join(lines)",
            (
                "turn each row into a line of its cells separated by spaces",
                "join the lines with newlines",
            ),
        ),
    ),
)
grid_whole(
    "sort_rows",
    grid,
    same,
    ("[sorted(row) for row in $l]", "list(map(sorted, $l))"),
    ("sort every row of $o", "sort the cells inside each row"),
    ("$np with every row sorted",),
    "",
    names=("sort_rows", "rows_sorted"),
    weight=0.7,
)
grid_whole(
    "rows_by_sum",
    grid,
    same,
    ("sorted($l, key=sum)",),
    ("sort the rows of $o by their sum",),
    ("$np sorted by their sum", "$np ordered by their sum, smallest first"),
    "",
    names=("rows_by_sum", "sort_by_sum"),
    weight=0.7,
)
grid_whole(
    "border",
    grid,
    always(INT),
    (),
    ("add up the cells on the border of $o",),
    ("the sum of the cells on the border of $np",),
    "end",
    noun="sum|sums|one",
    names=("border_sum", "edge_total"),
    weight=0.7,
    blocks=(
        Block(
            "total = 0\nlast = len($l) - 1\nfor r, row in enumerate($l):\n"
            "    for c, cell in enumerate(row):\n"
            "        if r in (0, last) or c in (0, len(row) - 1):\n            total += cell\n"
            "=> total",
            (
                "go through all cells with their row and column index",
                "a cell is on the border if its row or column is the first or the last",
                "add up these cells",
            ),
        ),
    ),
)
grid_whole(
    "neighbour_count",
    grid,
    always(list_of(list_of(INT))),
    (),
    ("replace every cell of $o by the sum of the cells left, right, above and below it",),
    (
        "a grid with the sum of the direct neighbours (left, right, above, below) of every cell "
        "of $np",
    ),
    "end",
    noun="row|rows|many",
    names=("neighbour_sums", "sum_of_neighbours"),
    weight=0.6,
    blocks=(
        Block(
            "sums = []\nfor r, row in enumerate($l):\n    line = []\n"
            "    for c in range(len(row)):\n        total = 0\n"
            "        for y, x in ((r - 1, c), (r + 1, c), (r, c - 1), (r, c + 1)):\n"
            "            if 0 <= y < len($l) and 0 <= x < len(row):\n"
            "                total += $l[y][x]\n        line.append(total)\n"
            "    sums.append(line)\n=> sums",
            (
                "go through all cells with their row and column",
                "add up those of the four neighbours that are inside the grid",
                "put the sum into the same place of a new grid",
            ),
        ),
    ),
)
grid_whole(
    "is_symmetric",
    grid,
    always(BOOL),
    (
        "all($l[i][j] == $l[j][i] for i in range(len($l)) for j in range(i))",
        "$l == [list(column) for column in zip(*$l)]",
    ),
    (),
    ("whether the square grid of $np is equal to its transpose",),
    "square end",
    noun="answer|answers|one",
    names=("is_symmetric", "equals_transpose"),
    weight=0.4,
)
grid_whole(
    "row_all",
    grid,
    always(list_of(INT)),
    ("[i for i, row in enumerate($l) if all(row)]",),
    ("list the indexes of the rows of $o without a zero",),
    ("the indexes of those of $np that contain no zero",),
    "",
    noun="index|indexes|many",
    names=("full_rows", "rows_without_zero"),
    weight=0.6,
)
grid_whole(
    "row_spread",
    grid,
    always(list_of(INT)),
    ("[max(row) - min(row) for row in $l]",),
    ("compute the difference between the largest and the smallest cell of each row",),
    ("the difference between the largest and the smallest cell of each of $np",),
    "",
    noun="difference|differences|many",
    names=("row_ranges", "row_spreads"),
    weight=0.7,
)
grid_whole(
    "pad_grid",
    grid,
    same,
    (),
    ("surround $o with a border of $k",),
    ("$np surrounded by a border of cells with the value $k",),
    "",
    params={"k": small(0, 1, "fill", "border", what="the value of the border")},
    names=("add_border", "pad_grid", "frame"),
    weight=0.5,
    blocks=(
        Block(
            "width = len($l[0]) + 2 if $l else 2\nedge = [$k] * width\n"
            "=> [edge, *[[$k, *row, $k] for row in $l], edge[:]]",
            (
                "make a row of $k that is two cells wider than the grid",
                "put $k at both ends of each row",
                "put the wide row above and below",
            ),
        ),
    ),
)
