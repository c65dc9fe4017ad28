"""A song's folder: clips, tables, annotation layers and a picture.

- `annotations`: Write regions in the forms that audio editors open.
- `batch`: Extract clips from many songs, in parts that run as separate jobs, and list the clips of
  all.
- `clips_page`: A page of clips to listen to.
- `cut`: Cut regions out of a recording as sound files.
- `folder`: Read and write the record of how a song's folder was made.
- `jobs`: Choose the songs to extract and the folder of each, before a model is loaded.
- `picture`: A picture of a song: its spectrogram, what the network says, and the regions found.
- `song`: Extract the moments of one song in which one sound is heard alone.
- `spec`: The settings of the extraction: the section ``extraction`` of the configuration.
"""
