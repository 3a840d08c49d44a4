def free_fields(board):
    return sum(row.count(".") for row in board)


def line_winner(board):
    lines = board + ["".join(column) for column in zip(*board)]
    lines.append("".join(board[i][i] for i in range(3)))
    lines.append("".join(board[i][2 - i] for i in range(3)))
    for stone in "XO":
        if stone * 3 in lines:
            return stone
    return ""
