"""Plan and render mixes of every style.

- `events`: The rows of a plan in the paper's manner, which planning writes and rendering reads.
- `figures`: Figure 2: a mix as waveform and spectrogram, with the regions of its library sounds.
- `modules`: Tracker modules as songs with exact truth.
- `plan`: Plan mixes: what sounds when, with every parameter drawn, before any audio is read.
- `queues`: Endless queues of sounds and of songs that any mix can enter anywhere.
- `recordings`: Parts of recordings as a mix takes them: at its sample rate, mono or stereo,
  re-pitched.
- `render`: Render plans of mixes to audio and labels.
- `rendered`: Rendered mixes, and how they are written to disk.
- `scenes`: Musical scenes: synthetic minutes of sample-based music in which every sound's place is
  known.
- `spec`: The settings of the mixes: the section ``mixes`` of the configuration.
- `store`: Audio kept on disk, once decoded or re-pitched, for all jobs; once full, it evicts
  nothing.
- `styles`: The style of each mix: the paper's, or a scene.
- `tables`: Render mixes from the tables of their plans.
"""
