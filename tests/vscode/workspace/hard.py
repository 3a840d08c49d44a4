def cipher(text: str) -> str:
    """Return the text enciphered, by a rule that the examples don't tell.

    >>> cipher("attack at dawn")
    'qzvkx-39-rrtle'
    >>> cipher("retreat at dusk")
    'plmoo-71-aabcd'
    """
    ...
