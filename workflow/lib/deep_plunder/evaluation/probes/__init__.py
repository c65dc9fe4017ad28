"""Probes: one-shots alone, in company and under noise, and songs changed inaudibly.

- `kinds`: The probes: numbers of sounds, their distances, and the noise over them.
- `noises`: Make noises of a given spectrum.
- `plan`: Plan probes: the sound, the time and the gain of each note, as a small table.
- `render`: Render planned probes into a bench, one recording per probe.
- `report`: Write the probes of all models and baselines side by side.
- `scores`: Score the clips found in probes: the share of events with a clip.
- `sounds`: Prepare the sounds of probes: trimmed, cut, stereo, with a peak of 1.
- `spec`: The settings of the probes.
- `variants`: Find the clips of songs that were changed in ways that a listener does not hear.
"""
