"""Audio of any kind: open, decode, resample, fade, re-pitch and write it, exact to the sample.

- `chunk_layout`: Find the chunks of WAV, RF64, AIFF and CAF files.
- `coded_frames`: Find a last frame of coded sound that is shorter than its header says.
- `container`: Open with FFmpeg the files that libsndfile does not know: m4a and other containers.
- `cut_off`: Find files that end within a frame or a packet, in formats whose headers state no
  length.
- `declared`: Compare the length of a file with the one that its header declares.
- `depth`: Choose how a WAV file holds the samples of a recording without loss.
- `easings`: The names of the easing curves, which plans hold; `fades` evaluates the curves.
- `encoding`: Encode audio files in each format with reproducible bytes.
- `fades`: Easing curves: the shapes of fades, from 0 to 1.
- `ffmpeg`: Decode with FFmpeg, through PyAV, from the beginning of a file on, exact to the sample.
- `flac`: Find the FLAC streams of a file, and how many samples each of them holds.
- `headers`: Complete headers that decoders cannot read.
- `identity`: Compute digests that tell whether a song is still the same.
- `joined`: Read files that hold several recordings, one after the other, as one.
- `libsndfile`: Decode files with libsndfile (wav, aiff, flac, ogg, opus, mp3 and more), exact to
  the sample.
- `mp4`: Decode MP4 files (AAC, ALAC and others) through PyAV, with any edit list.
- `mp4_boxes`: Read the boxes of MP4 files that state the length of the sound and the parts played.
- `mpeg`: Find the MPEG audio streams (MP3, and layers I and II) of a file by the headers of its
  frames.
- `mpeg_frames`: Read the headers of MPEG audio frames: the length and the kind of each frame.
- `mpeg_lengths`: Compare the lengths that streams of MPEG audio state with the frames that are
  there.
- `mpeg_tags`: Read and write the tags of MPEG audio: first frames that state the length of a
  stream.
- `offsets`: Find the constant offset of a recording, and take it away.
- `ogg_pages`: Find the links of an Ogg file by the headers of its pages.
- `opening`: Open an audio file, or each of its consecutive streams, with the decoder that knows it.
- `openmpt`: Play tracker modules with libopenmpt, through ctypes.
- `pitch`: Change the pitch of a sound and not its duration, with librosa's phase vocoder.
- `reading`: Read audio of any kind, whole or in parts, exact to the sample.
- `resampling`: Change the sampling rate and the channels of a signal, whole or block by block.
- `source`: The interface of every decoder to `audio.reading`, and the faults that decoders report.
- `unread`: Find bytes behind the sound of a file that no decoder reads.
- `views`: Show decoders a part of a file as a file of its own, with a new beginning if needed.
- `wav_chunks`: Add the chunks that samplers read to a WAV file: root note, position in the song,
  texts.
- `wave64`: Show decoders Sony Wave64 files with headers that they understand.
- `writing`: Write audio files (WAV, FLAC, AIFF), whole or not at all.
"""
