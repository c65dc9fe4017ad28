"""Kits of clips that samplers and sequencers open.

- `jams`: Write the regions of a song as JAMS, the format of annotations in music research.
- `kit`: Build a kit from the folders of songs that `extraction.song` wrote.
- `mapping`: Choose the key of each clip of a kit.
- `midi`: Write MIDI files that play a kit at the times at which its sounds were found.
- `sfz`: Write kits as SFZ instruments, which most samplers open.
"""
