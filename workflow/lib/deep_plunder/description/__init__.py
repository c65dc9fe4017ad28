"""From the samples of a clip to a description of its sound.

- `beginning`: Prepare the first second of a sound, in which pitch and timbre are measured.
- `classes`: Recognise the class of a sound by a random forest on its traits.
- `describe`: Describe the sounds of clips.
- `groups`: Find the clips of a song that hold the same sound.
- `loudness`: Measure the loudness of a short sound by ITU-R BS.1770.
- `pitch`: Find the root note of a sound.
- `record`: The description of a clip's sound, and the words that it uses.
- `similar`: Rank sounds by how alike they are to a given one.
- `similarity`: Compute the similarity of the waveforms of two clips.
- `spool`: Hold the waveforms of a song's clips, on the disk where they are many.
- `timbre`: Describe the timbre of a sound by numbers.
- `traits`: Measure the traits of a sound by which its class is recognised.
"""
