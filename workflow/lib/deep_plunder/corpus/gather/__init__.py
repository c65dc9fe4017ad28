"""The public corpus: sounds, songs and tracker modules from pinned packages of Debian.

- `archive`: Read the files inside a Debian package, without dpkg.
- `classes`: The class of a sound: from its number in General MIDI, or from its name.
- `levelling`: Make one-shots of whatever a package holds: one rate, no silence, a level; copies are
  found.
- `library`: Write the library of one-shots: a folder per class, with copies left out.
- `licences`: The licences of what was gathered: a table, and each package's own copyright file.
- `modules`: Write the tracker modules of free games, as the packages hold them.
- `oneshots`: The sounds of a package: instruments of soundfonts, drum kits, patches and single
  samples.
- `packages`: Obtain the pinned packages that a part of the corpus is made of; nothing is installed.
- `parts`: Go through the packages of one part of the corpus: unpacked one at a time, licences kept.
- `patches`: Read the samples of Gravis UltraSound patches (``.pat``), as FreePats has them.
- `sampler`: Play single notes of a soundfont, dry.
- `songs`: Write the songs: music of free games, as the packages hold it, with a playlist of iTunes.
- `soundfont`: Read soundfonts: SF2 (SoundFont 2.04, E-mu 2006), and SF3, whose samples are Ogg
  Vorbis.
- `spec`: The settings of the public corpus: the section ``gather`` of the configuration.
"""
