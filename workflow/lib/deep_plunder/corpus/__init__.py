"""The user's sounds and songs: reading, checking and splitting them.

- `choices`: Read and write a user's choices: the clips of songs that were accepted or rejected.
- `chosen`: The tables of choices: those that train or calibrate, and those that cannot be used.
- `encrypted_mp4`: Recognise MP4 files whose sound is encrypted, which would decode to noise.
- `figures`: Figure 1: mel spectrograms of sounds with their onsets (green) and offsets (blue).
- `fingerprints`: Compute fingerprints of files, which change if and only if a file's name or
  content changes.
- `flip`: Find the first onset of sounds as librosa does, at less cost.
- `gather`: The public corpus: sounds, songs and tracker modules from pinned packages of Debian.
- `library`: Scan a library of one-shots: find the usable sounds, their classes, onsets and offsets.
- `loops`: Recognise loops: recordings of several strong attacks, which are not one-shots.
- `modules`: List the tracker modules below folders, with the author of each.
- `onset_table`: The onset and offset of each sound as JSON (the paper's figure 1), measured or
  edited by hand.
- `onsets`: Find the onset and the offset of a recorded sound.
- `playlists`: Playlists of every kind: iTunes exports, Library.xml, M3U and folders.
- `song_reasons`: Count the reasons for which entries of playlists are rejected, and name the key to
  change.
- `song_rules`: Check a playlist's entry against the rules for songs, without touching a file.
- `songs`: Choose the songs that mixes are made from, and state the reason for each rejected entry.
- `spec`: The settings of the corpus: ``library``, ``songs``, ``modules``, ``choices`` and
  ``split``.
- `split`: Divide sounds, songs and tracker modules among training, validation and test.
- `usable_choices`: Find the choices that training and calibration can use.
"""
