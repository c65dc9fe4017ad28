"""Playlists of every kind: iTunes exports, Library.xml, M3U and folders.

- `encodings`: Decode the bytes of a playlist, whose encoding is stated nowhere, or wrongly.
- `entries`: An entry of a playlist, as all readers give it.
- `itunes`: Read the text that iTunes and Apple Music export for a playlist.
- `itunes_text`: Write a playlist as iTunes on a Mac exports it as text.
- `library_xml`: Make rows of the tracks of a ``Library.xml``, the property list of iTunes and Apple
  Music.
- `locations`: Find the file that a playlist's location means, on this machine.
- `m3u`: Read M3U and M3U8: a line per file, comments, and what ``#EXTINF`` says of the next file.
- `plist_binary`: Read the tracks of a binary property list, as `plutil` makes it of a Library.xml.
- `plist_fields`: What the readers of property lists, in XML and in binary, make of a track.
- `plist_xml`: Read the tracks of a property list in XML, whatever else is wrong with the file.
- `reading`: Read what a user brings as the list of songs: playlists of every kind, or a folder.
"""
