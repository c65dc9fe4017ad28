"""Gather three thousand one-shots of Debian's packages into a library, a folder a class.

Trainings on them, beside another library, are in experiments/diary.md (More sounds). Needs
fluidsynth and, for Python, pyfluidsynth:

    apt install fluidsynth musescore-general-soundfont-lossless fluid-soundfont-gm \
        fluid-soundfont-gs opl3-soundfont timgm6mb-soundfont csound-soundfont \
        avldrums.lv2-soundfont hydrogen-drumkits hydrogen-drumkits-effects hydrogen-data \
        lmms-common sonic-pi-samples freepats
    pip install pyfluidsynth
    python docs/more_sounds.py DESTINATION [--beside LIBRARY] [--root FOLDER]

Instruments of soundfonts are played dry at one or two pitches and held for a third of a second to
two seconds and a half, drums hit once; single samples are taken as they are, looped ones held by
their loop. A sound whose loudness runs as that of one before it is left out. The packages have
licences of their own, the GPL among them: see /usr/share/doc/PACKAGE/copyright.
"""

from __future__ import annotations

import argparse
import re
import struct
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import fluidsynth
import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

RATE = 32000
LONGEST_S = 3.2
FONTS = {
    "msg": "MuseScore_General_Full",
    "fluid": "FluidR3_GM",
    "fluidgs": "FluidR3_GS",
    "opl3": "OPL-3_FM_128M",
    "tim": "TimGM6mb",
    "csound": "sf_GMbank",
    "pearl": "Black_Pearl_4_LV2",
    "redz": "Red_Zeppelin_4_LV2",
}
VARIED = {"fluidgs", "msg", "tim", "csound"}
DRUMS_ONLY = {"pearl", "redz"}
DRUM_KEYS = {
    "kick": (35, 36),
    "snare": (37, 38, 40),
    "clap": (39,),
    "hihat": (42, 44, 46),
    "tom": (41, 43, 45, 47, 48, 50),
    "cymbal": (49, 51, 52, 53, 55, 57, 59),
}
CLASS_OF_KEY = {key: name for name, keys in DRUM_KEYS.items() for key in keys}
# General MIDI by the first program after a family, and what is of another class than its family.
FAMILIES = [(24, "keys"), (32, "guitar"), (40, "bass"), (52, "strings"), (80, "wind")]
FAMILIES += [(104, "synth"), (112, "fx"), (119, "perc"), (128, "fx")]
PROGRAMS = {
    "tom": (47,),
    "vox": (52, 53, 54, 85, 91),
    "fx": (55,),
    "strings": (104, 105, 106, 107, 110),
    "keys": (108,),
    "wind": (109, 111),
}
CLASS_OF_PROGRAM = {program: name for name, own in PROGRAMS.items() for program in own}
WORDS = {
    "kick": "kick|bassdrum|bass_drum|_bd|bd_|^bd",
    "snare": "snare|snr|_sn|sn_|^sd|rim|side",
    "clap": "clap|snap",
    "hihat": "hat|hh|hihat",
    "cymbal": "crash|ride|cym|splash|china|^rd|^cr",
    "tom": "tom|^tm",
    "bass": "bass",
    "vox": "vox|voice|breath",
    "guitar": "guitar|strum",
    "fx": "fx|effect|noise|glitch|zap|sweep|warp|scratch",
}
LMMS_CLASSES = {
    "basses": "bass",
    "drums": None,
    "effects": "fx",
    "instruments": "keys",
    "latin": "fx",
    "misc": "fx",
    "stringsnpads": "strings",
}

Samples = NDArray[np.float32]
Sound = tuple[str, str, Samples, int]


def class_of_program(program: int) -> str:
    """Give the class of an instrument of General MIDI."""
    families = (name for stop, name in FAMILIES if program < stop)
    return CLASS_OF_PROGRAM.get(program) or next(families)


def class_of_name(name: str) -> str:
    """Guess the class of a sound by its name."""
    found = (group for group, words in WORDS.items() if re.search(words, name.lower()))
    return next(found, "perc")


def played(
    synth: fluidsynth.Synth, preset: tuple[int, int, int], key: int, velocity: int,
    held_s: float, after_s: float,
) -> Samples:  # fmt: skip
    """Play one note of a preset (font, bank, program)."""
    synth.program_select(0, *preset)
    synth.noteon(0, key, velocity)
    held = synth.get_samples(int(held_s * RATE))
    synth.noteoff(0, key)
    after = synth.get_samples(int(after_s * RATE))
    synth.all_sounds_off(0)
    synth.get_samples(2048)
    return np.concatenate([held, after]).reshape(-1, 2).astype(np.float32) / 32768


def of_font(name: str, path: Path, rng: np.random.Generator) -> Iterator[Sound]:
    """Play the instruments and the kits of a soundfont."""
    synth = fluidsynth.Synth(gain=0.6, samplerate=RATE)
    synth.setting("synth.reverb.active", 0)
    synth.setting("synth.chorus.active", 0)
    font = synth.sfload(str(path))
    banks = [] if name in DRUMS_ONLY else range(128) if name in VARIED else [0]
    presets = [(b, p) for b in banks for p in range(128) if synth.sfpreset_name(font, b, p)]
    variants = sum(bank > 0 for bank, _ in presets)
    for bank, program in presets:
        lowest, highest = (26, 50) if 32 <= program < 40 else (38, 84)
        if bank and variants > 150 and rng.random() > 150 / variants:
            continue
        keys = rng.choice(np.arange(lowest, highest), 1 if bank else 2, replace=False)
        for key in np.sort(keys):
            held_s = float(rng.choice([0.35, 0.9, 2.4]))
            velocity = int(rng.integers(80, 127))
            note = played(synth, (font, bank, program), int(key), velocity, held_s, 0.7)
            yield class_of_program(program), f"{name}_b{bank}p{program:03d}_n{key}", note, RATE
    kits = [(128, p) for p in range(128) if synth.sfpreset_name(font, 128, p)][:9]
    if name in DRUMS_ONLY:
        kits = [(0 if synth.sfpreset_name(font, 0, 0) else 128, 0)]
    for bank, program in kits:
        # What lies above is the same in most kits.
        for key in range(27, 82 if program == 0 else 60):
            velocity = int(rng.integers(90, 127))
            hit = played(synth, (font, bank, program), key, velocity, 0.5, 1.8)
            yield CLASS_OF_KEY.get(key, "perc"), f"{name}_kit{program}_k{key}", hit, RATE
    synth.delete()


def read(path: Path) -> tuple[Samples, int] | None:
    """Read a file of samples; some packages hold files that are not what they are named."""
    try:
        return soundfile.read(path, always_2d=True, dtype="float32")
    except soundfile.LibsndfileError as error:
        print(f"left out: {error}")
        return None


def of_drumkits(root: Path) -> Iterator[Sound]:
    """Read Hydrogen's kits, of large ones sixty samples or so."""
    for kit in sorted((root / "usr/share/hydrogen/data/drumkits").iterdir()):
        files = [p for p in sorted(kit.iterdir()) if p.suffix.lower() in (".wav", ".flac", ".aiff")]
        for path in files[:: max(1, len(files) // 60)]:
            sound = read(path)
            if sound is None or len(sound[0]) > 12 * sound[1]:
                continue
            name = "h2_" + re.sub(r"\W", "", kit.name) + "_" + re.sub(r"\W", "_", path.stem)
            yield class_of_name(path.name), name, sound[0][: 6 * sound[1], :2], sound[1]


def of_files(root: Path, beside: Path | None) -> Iterator[Sound]:
    """Read the samples of LMMS and of Sonic Pi, without loops and what there is already."""
    for folder, group in LMMS_CLASSES.items():
        for path in sorted((root / "usr/share/lmms/samples" / folder).iterdir()):
            sound = read(path)
            if sound is not None and len(sound[0]) <= 8 * sound[1]:
                name = path.stem.replace("!", "")
                yield group or class_of_name(path.stem), f"lmms_{name}", *sound
    known = set() if beside is None else {p.name for p in beside.glob("*/sonic-pi__*")}
    for path in sorted((root / "usr/share/sonic-pi/samples").glob("*.flac")):
        if f"sonic-pi__{path.name}" in known or path.name.startswith(("loop_", "vinyl")):
            continue
        sound = read(path)
        if sound is not None and len(sound[0]) < 6 * sound[1]:
            yield class_of_name(path.name), f"spi_{path.stem}", *sound


def of_patch(path: Path) -> list[tuple[Samples, int]]:
    """Read the samples of a Gravis Ultrasound patch; a loop holds them for 2.5 s."""
    data, place, sounds = path.read_bytes(), 239, []
    for _ in range(data[198]):
        head = data[place : place + 96]
        size, first, stop, rate = struct.unpack("<IIIH", head[8:22])
        mode, place = head[55], place + 96
        wide = mode & 1
        raw = data[place : place + size // 2 * 2]
        place += size
        samples = np.frombuffer(raw, "<i2" if wide else "i1").astype(np.float32)
        samples /= 32768 if wide else 128
        if mode & 2:  # unsigned
            samples = np.where(samples >= 0, samples - 1, samples + 1)
        first, stop = (first // 2, stop // 2) if wide else (first, stop)
        if mode & 4 and stop - first > 8:
            loop = samples[first:stop]
            if mode & 8:  # to and fro
                loop = np.concatenate([loop, loop[::-1]])
            times = int(np.ceil(2.5 * rate / len(loop)))
            samples = np.concatenate([samples[:stop], np.tile(loop, times)])[: int(2.5 * rate)]
        sounds.append((samples[:, None], rate))
    return sounds


def of_patches(root: Path) -> Iterator[Sound]:
    """Read FreePats: the first and the middle sample of each patch."""
    for path in sorted((root / "usr/share").glob("**/*.pat")):
        number, drum = int(path.name[:3]), "Drum" in path.parent.name
        sounds = of_patch(path)
        for index in sorted({0, len(sounds) // 2}) if sounds else []:
            group = CLASS_OF_KEY.get(number, "perc") if drum else class_of_program(number)
            yield group, f"fp_{'d' if drum else 't'}{number:03d}_{index}", *sounds[index]


def trimmed(samples: Samples, rate: int) -> Samples | None:
    """Bring a sound to one rate, cut what is not heard, and mend its level."""
    if samples.shape[1] == 2:
        middle, side = samples.mean(axis=1), (samples[:, 0] - samples[:, 1]) / 2
        if np.square(side).sum() < 0.002 * np.square(middle).sum():
            samples = middle[:, None]
    if rate != RATE:
        samples = soxr.resample(samples, rate, RATE)
    level = np.abs(samples).max(axis=1)
    peak = level.max()
    if peak < 0.003:
        return None
    first = max(0, int(np.argmax(level > peak * 10 ** (-50 / 20))) - int(0.002 * RATE))
    stop = len(level) - int(np.argmax(level[::-1] > peak * 10 ** (-60 / 20)))
    samples = samples[first:stop].copy()
    if len(samples) < 0.04 * RATE:
        return None
    if len(samples) > LONGEST_S * RATE:
        samples, fade = samples[: int(LONGEST_S * RATE)], int(0.3 * RATE)
        samples[-fade:] *= np.linspace(1, 0, fade)[:, None]
    if peak < 0.2:
        samples *= 0.4 / peak
    elif peak > 0.98:
        samples *= 0.98 / peak
    return samples


def course(samples: Samples) -> tuple[int, ...]:
    """Describe the loudness of a sound, by steps of 10 ms, for telling it from others."""
    steps = np.arange(0, len(samples), RATE // 100)
    level = np.sqrt(np.add.reduceat(np.square(samples).mean(axis=1), steps))[:40]
    heights = np.round(np.log10(level / level.max() + 1e-3) * 8).astype(int)
    return (len(samples) // (RATE // 200), *heights.tolist())


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("destination", type=Path)
    parser.add_argument("--beside", type=Path, help="library whose Sonic Pi samples to leave out")
    parser.add_argument("--root", type=Path, default=Path("/"), help="where packages are unpacked")
    given = parser.parse_args()
    rng = np.random.default_rng(5)

    def everything() -> Iterator[Sound]:
        for name, file in FONTS.items():
            yield from of_font(name, given.root / f"usr/share/sounds/sf2/{file}.sf2", rng)
        yield from of_drumkits(given.root)
        yield from of_files(given.root, given.beside)
        yield from of_patches(given.root)

    seen: set[tuple[int, ...]] = set()
    counts: Counter[str] = Counter()
    for group, name, samples, rate in everything():
        sound = trimmed(np.asarray(samples, np.float32), rate)
        if sound is None or (heard := course(sound)) in seen:
            continue
        seen.add(heard)
        counts[group] += 1
        path = given.destination / group / f"{name}.flac"
        path.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(path, sound, RATE, subtype="PCM_16")
    print(f"{counts.total()} sounds:", ", ".join(f"{n} {c}" for c, n in sorted(counts.items())))


if __name__ == "__main__":
    main()
