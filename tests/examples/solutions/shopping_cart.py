class Cart:
    def amount_due(self):
        return sum(price * quantity for _, price, quantity in self.lines)

    def priciest_item(self):
        return max(self.lines, key=lambda line: line[1])[0]

    def take_out(self, name):
        if all(line[0] != name for line in self.lines):
            raise KeyError(name)
        self.lines = [line for line in self.lines if line[0] != name]


def share_the_bill(total, people):
    share, rest = divmod(total, people)
    return [share + 1] * rest + [share] * (people - rest)
