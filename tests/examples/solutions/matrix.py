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


def corner_values(rows):
    top, bottom = rows[0], rows[-1]
    return [top[0], top[-1], bottom[0], bottom[-1]]
