"""A song's folder: clips, tables, annotation layers and a picture.

- `batch`: Extract clips from many songs in separate jobs, and list all clips.
- `choosing`: Keep the clips that a user has accepted in the gallery.
- `clips`: Describe the clips of a song, and write the files of those that are chosen.
- `clips_page`: Write the report's page: the gallery as a single file, with sound.
- `cut`: Cut regions out of a recording as sound files.
- `folder`: Read and write the record of how a song's folder was made.
- `gallery`: Write the pages of the gallery: one for a run, and one for each of its songs.
- `gallery_data`: Collect the data of the gallery (`pages.gallery`).
- `inputs`: Find the songs among the inputs of the command: files, folders, playlists, standard
  input.
- `jobs`: Choose the songs to extract and the folder of each, before a model is loaded.
- `naming`: Name the files of clips by a template.
- `options`: The options that decide which clips of a song become files, in which format and under
  which name.
- `picture`: Draw a song: its spectrogram, the network's outputs and the regions found.
- `previews`: Make small copies of clips and pictures for pages: waveforms, MP3, data addresses.
- `region`: The record of a region that was found in a song and described: a row of ``regions.tsv``.
- `results`: Read the folders of songs that `extraction.song` wrote.
- `runs`: Extract the planned songs, one after the other or several at once.
- `selection`: Choose the regions of a song that become files.
- `song`: Extract the moments of one song in which one sound is heard alone.
- `spec`: The settings of the extraction: the section ``extraction`` of the configuration.
- `strip`: Write the spectrogram of a song as a grey picture without axes, for the gallery.
- `terminal`: Draw a song's outputs and regions as lines of text.
"""
