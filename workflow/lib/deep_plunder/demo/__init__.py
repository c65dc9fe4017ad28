"""The embedded demonstration: a small corpus synthesized from a seed.

- `corpus`: Write the corpus of the demonstration: sounds, songs and playlists.
- `encoding`: Write audio of the demonstration in each format, the same to the byte each time.
- `playlists`: Playlist exports of the demonstration, as iTunes and other players write them.
- `score`: Compose the songs of the demonstration: who plays what, and when.
- `songs`: The songs of the demonstration: instruments play a score in a room, in five formats.
- `sounds`: The library of the demonstration: one-shots in one folder per class, as users keep them.
- `spec`: The settings of the demo: the section ``demo`` of the configuration.
"""
