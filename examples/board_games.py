"""Boards are lists of strings, one string a row; a dot is an empty field."""


def show(board):
    """Print the board."""
    print("\n".join(board))


def free_fields(board: list[str]) -> int:
    """How many dots are left on the whole board.

    >>> free_fields(["X.O", ".X.", "..O"])
    5
    >>> free_fields(["XO", "OX"])
    0
    """
    pass


def line_winner(board: list[str]) -> str:
    """Who has three in a row on a 3 by 3 board, across, down or from corner to corner: "X",
    "O" or "" for nobody.

    >>> line_winner(["XXX", "OO.", "..."])
    'X'
    >>> line_winner(["XO.", "XO.", ".OX"])
    'O'
    >>> line_winner(["X.O", ".X.", "O.X"])
    'X'
    >>> line_winner(["...", "...", "..."])
    ''
    """
    pass
