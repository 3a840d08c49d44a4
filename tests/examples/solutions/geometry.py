def flip_over_y_axis(points):
    return [(-x, y) for x, y in points]


def walk_length(points):
    return sum(distance(a, b) for a, b in zip(points, points[1:]))
