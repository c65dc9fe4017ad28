"""The public corpus: sounds, songs and tracker modules from pinned packages of Debian.

- `archive`: Read the files inside a Debian package, without dpkg.
- `classes`: Find the class of a sound from its number in General MIDI, or from its name.
- `levelling`: Bring the sounds of packages to one rate and level, trim silence, and recognise
  copies.
- `library`: Write the library of one-shots: one folder per class, without copies.
- `licences`: Write the licences of the corpus: a table, and each package's own copyright file.
- `modules`: Write the tracker modules of free games, unchanged from their packages.
- `oneshots`: Read the sounds of a package: instruments of soundfonts, drum kits, patches and
  samples.
- `packages`: Obtain the pinned packages for a part of the corpus, without installing them.
- `parts`: Unpack the packages of one part of the corpus, one at a time, and keep their licences.
- `patches`: Read the samples of Gravis UltraSound patches (``.pat``), the format of FreePats.
- `qt_resources`: Read the files inside a binary resource of Qt (``.rcc``).
- `sampler`: Play single notes of a soundfont, dry.
- `solos`: Write recorded bands in two recordings each, and solo phrases of instruments to lay
  into them.
- `songs`: Write the songs, unchanged music of free games, with a playlist in the format of iTunes.
- `soundfont`: Read soundfonts: SF2 (SoundFont 2.04, E-mu 2006), and SF3, whose samples are Ogg
  Vorbis.
- `spec`: The settings of the public corpus: the section ``gather`` of the configuration.
"""
