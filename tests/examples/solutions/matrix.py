class Matrix:
    def stretched(self, factor):
        return Matrix([[number * factor for number in row] for row in self.rows])

    def flipped(self):
        return Matrix(zip(*self.rows))

    def __matmul__(self, other):
        columns = list(zip(*other.rows))
        return Matrix(
            [[sum(a * b for a, b in zip(row, column)) for column in columns] for row in self.rows]
        )


def heaviest_quadrant(rows):
    half, middle = len(rows) // 2, len(rows[0]) // 2
    upper, lower = rows[:half], rows[half:]
    quarters = [[row[:middle] for row in part] for part in (upper, lower)]
    quarters += [[row[middle:] for row in part] for part in (upper, lower)]
    return max(sum(map(sum, quarter)) for quarter in quarters)
