"""The embedded demonstration: a small corpus synthesized from a seed.

- `corpus`: Write the corpus of the demonstration: sounds, songs and playlists.
- `playlists`: Write playlist exports of the demonstration, like those of iTunes and other players.
- `score`: Compose the songs of the demonstration: the notes of each instrument over time.
- `songs`: Write the songs of the demonstration: scores played in a room, in five formats.
- `sounds`: Write the library of the demonstration: one-shots in one folder per class.
- `spec`: The settings of the demo: the section ``demo`` of the configuration.
"""
