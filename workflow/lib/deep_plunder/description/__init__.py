"""From the samples of a clip to a description of its sound.

- `describe`: Describe the sounds of clips.
- `groups`: Find the clips of a song that hold the same sound.
- `loudness`: Measure the loudness of a short sound by ITU-R BS.1770.
- `pitch`: Find the root note of a sound.
- `record`: The description of a clip's sound, and the words that it uses.
"""
