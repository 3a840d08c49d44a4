def pieces_in_stock(stock):
    return sum(stock.values())


def to_reorder(stock, limit):
    return sorted(article for article, pieces in stock.items() if pieces < limit)


def add_delivery(stock, delivery):
    total = dict(stock)
    for article, pieces in delivery.items():
        total[article] = total.get(article, 0) + pieces
    return total
