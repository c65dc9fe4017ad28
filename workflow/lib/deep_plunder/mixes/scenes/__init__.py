"""Musical scenes: synthetic pieces of sample-based music with known truth.

The paper's mixes put one sound after another. Networks that learn from them fail on music
(sections 5.3 and 6). A scene is composed like sample-based music: tracks on a tempo grid play
library sounds, re-pitched and cut short, through sends and a master chain. Some scenes contain
excerpts of real songs.

`spec` holds the settings. `plan` draws a scene as a table (with `tracks`, `patterns` and
`timbres`). `render` renders the table to audio: `instruments` builds sounds (with `colours` and
`waves`), `notes` plays them (with `voices`), `levels` and `master` finish the whole. `stems` finds
where one sound is heard alone.

- `cells`: Write and read the settings of a row as one cell: ``name=value`` pairs between blanks.
- `colours`: Sustain the sound of an instrument by a loop, and apply the colours of old samplers to
  it.
- `finish`: Draw the master chain of a scene (`mixes.scenes.master`).
- `instruments`: Build the sound of an instrument: read or synthesize it, then sustain and colour
  it.
- `levels`: Compute the gain of each sample of a scene from the levels of its sections and of the
  whole.
- `master`: Apply the master chain, the effects on a whole scene.
- `notes`: Play the notes of a scene: add each to the two channels and to the reverb send.
- `patterns`: Draw the patterns of a track: hits on a grid of rows, as in a tracker or step
  sequencer.
- `plan`: Plan scenes: draw every note with all its parameters before any audio is read.
- `planner`: The base of planners of scenes: the sounds, songs and settings of a split.
- `render`: Render plans of scenes to audio and truth.
- `rows`: The table of a planned scene: one row per track, instrument, note, excerpt and so on.
- `settings`: The settings of the rows of a scene: one frozen record per kind of row.
- `spec`: The settings of the scenes: the section ``scenes`` of the configuration.
- `stems`: Compute the power of each part of a scene over time, and from it the truth.
- `struck`: Plan struck sounds: one sound or several, struck at once or milliseconds apart.
- `timbres`: Draw the instruments of a scene: the sound or wave, and its colours.
- `tracks`: Draw the tracks of a scene: instruments, patterns, layers, echoes and panning.
- `voices`: Play an instrument at a pitch by reading it faster or slower, like a tracker.
- `waves`: Synthesize the waves of trackers and old game consoles.
"""
