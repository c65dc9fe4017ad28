"""Musical scenes: synthetic minutes of sample-based music in which every sound's place is known.

The paper's mixes put one sound after the other; its networks learn from them and fail on music
(sections 5.3 and 6). A scene is made as such music is made: tracks on a tempo grid play library
sounds, re-pitched and cut short, through sends and a master chain, with and without real songs
around them.

`spec` holds the settings, `plan` draws a scene as a table (with `patterns` and `timbres`),
`render` turns the table into audio (with `instruments`, `waves`, `voices`, `master`), and
`truth` finds from the stems where one sound is heard alone.

- `cells`: Write and read the settings of a row as the text of one cell, ``name=value`` with blanks.
- `instruments`: Make the sound of an instrument: read or synthesize it, sustain and colour it.
- `master`: The master chain: what a whole scene goes through at the end.
- `patterns`: Draw what a track plays: bars of hits on a grid of rows, as trackers and step
  sequencers hold.
- `plan`: Plan scenes: what every track plays and when, with every parameter drawn, before any
  audio.
- `render`: Render plans of scenes to audio and to the truth about it.
- `rows`: The table that a scene is planned as: one row per instrument, note or excerpt.
- `settings`: The settings of the rows of a scene, a frozen record per kind of row.
- `spec`: The settings of the scenes: the section ``scenes`` of the configuration.
- `stems`: The power of each part of a scene in steps of time, and the truth that follows from it.
- `timbres`: Draw the instruments of a scene: which sound or wave, and how it is coloured.
- `tracks`: Draw the tracks of a scene: instruments, patterns, layers, echoes and places in the
  panorama.
- `voices`: Play an instrument at a pitch, as a tracker does: by reading it faster or slower.
- `waves`: Synthesize the waves that trackers and old game consoles play.
"""
