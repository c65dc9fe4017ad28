"""Musical scenes: synthetic minutes of sample-based music in which every sound's place is known.

The paper's mixes put one sound after the other; its networks learn from them and fail on music
(sections 5.3 and 6). A scene is made as such music is made: tracks on a tempo grid play library
sounds, re-pitched and cut short, through sends and a master chain, with and without real songs
around them.

`spec` holds the settings, `plan` draws a scene as a table (with `patterns` and `timbres`),
`render` turns the table into audio (with `instruments`, `waves`, `voices`, `master`), and
`truth` finds from the stems where one sound is heard alone.
"""
