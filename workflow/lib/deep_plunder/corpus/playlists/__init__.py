"""Playlists of every kind: iTunes exports, Library.xml, M3U and folders.

- `encodings`: Decode the bytes of a playlist, whose encoding is stated nowhere, or wrongly.
- `entries`: The entry of a playlist that all readers return.
- `itunes`: Read the text that iTunes and Apple Music export for a playlist.
- `itunes_text`: Write a playlist in the text format that iTunes exports on a Mac.
- `library_xml`: Convert the tracks of a ``Library.xml``, the property list of iTunes and Apple
  Music, to rows.
- `locations`: Find the file on this machine for the location in a playlist.
- `m3u`: Read M3U and M3U8: a line per file, comments, and ``#EXTINF`` lines about the next file.
- `plist_binary`: Read the tracks of a binary property list, to which `plutil` converts a
  Library.xml.
- `plist_fields`: The track that the readers of property lists return, in XML and in binary.
- `plist_xml`: Read the tracks of a property list in XML, even if other parts of the file are
  damaged.
- `reading`: Read the user's list of songs: a playlist of any kind, or a folder.
"""
