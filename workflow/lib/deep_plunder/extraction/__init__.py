"""A song's folder: clips, tables, annotation layers and a picture.

- `batch`: Extract clips from many songs in separate jobs, and list all clips.
- `clips_page`: Write an HTML page with clips to listen to.
- `cut`: Cut regions out of a recording as sound files.
- `folder`: Read and write the record of how a song's folder was made.
- `jobs`: Choose the songs to extract and the folder of each, before a model is loaded.
- `picture`: Draw a song: its spectrogram, the network's outputs and the regions found.
- `region`: The record of a region that was found in a song and described: a row of ``regions.tsv``.
- `song`: Extract the moments of one song in which one sound is heard alone.
- `spec`: The settings of the extraction: the section ``extraction`` of the configuration.
"""
