"""Tracker modules as songs with exact truth.

- `parts`: Render parts of tracker modules to mixes, with their truth.
- `plan`: Plan mixes of tracker modules: draw the modules of a mix, and the part of each.
- `render`: Render a tracker module channel by channel, and find where one of its notes is alone.
- `scan`: Find the usable tracker modules, and write the truth of each.
- `versions`: Play a tracker module in further versions: at another speed, and with some channels
  silent.
"""
