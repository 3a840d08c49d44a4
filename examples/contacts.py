"""My address book. The checks are in test_contacts.py, some are here."""


def monogram(full_name: str) -> str:
    """The first letter of each part of a name, as capitals with a dot behind each of them.

    >>> monogram("ada king lovelace")
    'A.K.L.'
    >>> monogram("Cher")
    'C.'
    """
    ...


def mail_host(address: str) -> str:
    """What stands behind the @ of a mail address, in small letters.

    >>> mail_host("Ann@Example.ORG")
    'example.org'
    >>> mail_host("bob@localhost")
    'localhost'
    """
    ...


def phone_book(people: list[tuple[str, str]]) -> dict[str, list[str]]:
    """Sort (name, number) pairs into a register: under the first letter of the name, as a
    capital, the "name: number" lines of all who belong there, in alphabetical order.

    >>> phone_book([("Bob", "12"), ("ann", "34")])
    {'B': ['Bob: 12'], 'A': ['ann: 34']}
    >>> phone_book([("Bob", "12"), ("Bea", "5")])
    {'B': ['Bea: 5', 'Bob: 12']}
    """
    ...
