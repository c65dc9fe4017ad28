"""Audio of any kind: open, decode, resample, fade, re-pitch and write it, exact to the sample.

- `container`: Open what libsndfile does not know with FFmpeg: m4a and other containers.
- `depth`: Choose how a WAV file holds the samples of a recording without loss.
- `easings`: The names of the easing curves: plans hold them, rendering evaluates the curves.
- `fades`: Easing curves: the shapes of fades, from 0 to 1.
- `ffmpeg`: Decode with FFmpeg, through PyAV, from the beginning of a file on, exact to the sample.
- `headers`: Complete the headers of files whose writer did not know how long they would be.
- `joined`: Read files that hold several recordings, one after the other, as one.
- `libsndfile`: Decode what libsndfile knows (wav, aiff, flac, ogg, opus, mp3 and more), exact to
  the sample.
- `mp4`: Decode MP4 files (AAC, ALAC and others) through PyAV, whatever their edit list plays.
- `mp4_boxes`: Read the boxes of MP4 files that say how long the sound is and which of it is
  played.
- `mpeg`: Find the MPEG audio streams (MP3, and layers I and II) of a file by the headers of its
  frames.
- `mpeg_frames`: Read the headers of the frames of MPEG audio: how long each is, and of what kind.
- `mpeg_tags`: Read and write the tags of MPEG audio: first frames that state how long a stream is.
- `ogg_pages`: Find the links of an Ogg file by the headers of its pages.
- `opening`: Open an audio file with the decoder that knows it, or each stream in it that follows
  another.
- `openmpt`: Play tracker modules with libopenmpt, the few functions of it that are needed, through
  ctypes.
- `pitch`: Change the pitch of a sound and not its duration: librosa's phase vocoder, all frames at
  once.
- `reading`: Read, write and resample audio of any kind, exact to the sample.
- `resampling`: Change the sampling rate of a signal, whole or block by block.
- `source`: The interface that every decoder offers to `audio.reading`, and the faults that it
  reports.
- `views`: Show decoders a part of a file, with another beginning if need be, as a file of its own.
- `writing`: Write audio files, whole or not at all.
"""
