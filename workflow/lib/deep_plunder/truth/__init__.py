"""The truth about a mix or a song: regions, isolation and the label of each frame.

- `annotations`: Write regions and curves in the formats that audio editors open.
- `isolation`: Find from the stems of a scene where one sound is heard alone.
- `labels`: Encode regions in seconds as label vectors, one row per frame.
- `regions`: Regions: spans of a mix in which one library sound is heard.
"""
