"""A matrix class for school, without numpy."""


class Matrix:
    """Rows of numbers, all of the same length.

    >>> Matrix([[1, 2], [3, 4]])
    Matrix([[1, 2], [3, 4]])
    """

    def __init__(self, rows):
        self.rows = [list(row) for row in rows]
        if len({len(row) for row in self.rows}) > 1:
            raise ValueError("all rows must have the same length")

    def __repr__(self):
        return f"Matrix({self.rows})"

    def __eq__(self, other):
        return isinstance(other, Matrix) and self.rows == other.rows

    def stretched(self, factor):
        """A new Matrix in which every number of self.rows is multiplied by factor.

        >>> Matrix([[1, 2], [3, 4]]).stretched(10)
        Matrix([[10, 20], [30, 40]])
        >>> Matrix([[5, -1]]).stretched(0)
        Matrix([[0, 0]])
        """
        raise NotImplementedError

    def flipped(self):
        """A new Matrix where the rows of self.rows have become the columns.

        >>> Matrix([[1, 2, 3], [4, 5, 6]]).flipped()
        Matrix([[1, 4], [2, 5], [3, 6]])
        >>> Matrix([[7]]).flipped()
        Matrix([[7]])
        """
        raise NotImplementedError

    def __matmul__(self, other):
        """Matrix product: row of self.rows times column of other.rows, as a new Matrix.

        >>> Matrix([[1, 2], [3, 4]]) @ Matrix([[5, 6], [7, 8]])
        Matrix([[19, 22], [43, 50]])
        >>> Matrix([[1, 2, 3]]) @ Matrix([[1], [0], [2]])
        Matrix([[7]])
        """
        raise NotImplementedError


def heaviest_quadrant(rows: list[list[int]]) -> int:
    """Cut the grid into four equal quarters (its sides are even) and give the total of the quarter
    that weighs most.

    >>> heaviest_quadrant([[1, 2], [3, 4]])
    4
    >>> heaviest_quadrant([[9, 0, 1, 1], [0, 0, 1, 1], [2, 2, 0, 0], [2, 2, 0, 5]])
    9
    >>> heaviest_quadrant([[0, 0], [0, 0]])
    0
    """
    raise NotImplementedError
