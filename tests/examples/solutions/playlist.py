class Playlist:
    def play_length(self):
        return sum(song.seconds for song in self.songs)

    def who_plays(self):
        return list(dict.fromkeys(song.artist for song in self.songs))


def clock_format(seconds):
    return f"{seconds // 60}:{seconds % 60:02d}"
