"""The cart of a small web shop. Prices are in cents, so that nothing gets lost in rounding."""


class Cart:
    """Holds lines of (name, price in cents, quantity)."""

    def __init__(self, lines=()):
        self.lines = list(lines)

    def add(self, name, price, quantity=1):
        """Put something into the cart."""
        self.lines.append((name, price, quantity))

    def __len__(self):
        return len(self.lines)

    def amount_due(self) -> int:
        """What the customer has to pay: add up price times quantity over self.lines,
        where each line is a tuple (name, price, quantity).

        >>> cart = Cart()
        >>> cart.add("tea", 350, 2)
        >>> cart.add("cup", 900)
        >>> cart.amount_due()
        1600
        >>> Cart().amount_due()
        0
        """
        pass

    def priciest_item(self) -> str:
        """The name of the line in self.lines with the highest price.

        Each line is a tuple (name, price, quantity).

        >>> Cart([("tea", 350, 2), ("cup", 900, 1), ("spoon", 120, 6)]).priciest_item()
        'cup'
        >>> Cart([("tea", 350, 2)]).priciest_item()
        'tea'
        """
        pass

    def take_out(self, name: str) -> None:
        """Throw all lines with this name out of self.lines; a KeyError if there is none.

        Each line is a tuple (name, price, quantity).

        >>> cart = Cart([("tea", 350, 2), ("cup", 900, 1)])
        >>> cart.take_out("tea")
        >>> cart.lines
        [('cup', 900, 1)]
        >>> cart.take_out("piano")
        Traceback (most recent call last):
        KeyError: 'piano'
        """
        pass


def share_the_bill(total: int, people: int) -> list[int]:
    """Split the total into whole cents for each person. The shares have to add up to the
    total again, so the first few people pay one cent more.

    >>> share_the_bill(1000, 3)
    [334, 333, 333]
    >>> share_the_bill(101, 2)
    [51, 50]
    >>> share_the_bill(600, 4)
    [150, 150, 150, 150]
    >>> share_the_bill(2, 3)
    [1, 1, 0]
    """
    pass
