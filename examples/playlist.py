"""Playlists for the party."""

from dataclasses import dataclass, field


@dataclass
class Song:
    """One song. seconds: how long it plays."""

    title: str
    artist: str
    seconds: int


@dataclass
class Playlist:
    """Songs in the order in which they are played.

    >>> party = Playlist([Song("Hey", "Ann", 200), Song("Ho", "Bob", 185), Song("Hum", "Ann", 90)])
    >>> len(party.songs)
    3
    """

    songs: list[Song] = field(default_factory=list)

    def add(self, song: Song) -> None:
        """Put a song at the end."""
        self.songs.append(song)

    def play_length(self) -> int:
        """All the seconds of self.songs together; each song has .title, .artist, .seconds.

        >>> Playlist([Song("Hey", "Ann", 200), Song("Ho", "Bob", 185)]).play_length()
        385
        >>> Playlist().play_length()
        0
        """
        ...

    def who_plays(self) -> list[str]:
        """The artists of self.songs, each of them once, in the order of their first song.

        Each song has .title, .artist and .seconds.

        >>> songs = [Song("Hey", "Bob", 200), Song("Ho", "Ann", 185), Song("Hum", "Bob", 90)]
        >>> Playlist(songs).who_plays()
        ['Bob', 'Ann']
        >>> Playlist().who_plays()
        []
        """
        ...


def clock_format(seconds: int) -> str:
    """Seconds the way a player shows them: minutes, a colon, and two digits of seconds.

    >>> clock_format(185)
    '3:05'
    >>> clock_format(59)
    '0:59'
    >>> clock_format(600)
    '10:00'
    """
    ...
