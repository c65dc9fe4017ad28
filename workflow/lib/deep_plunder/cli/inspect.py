"""Show what is found in a song: ``deep-plunder inspect SONG``."""

from __future__ import annotations

import argparse
from pathlib import Path

from deep_plunder.cli.arguments import add_model, fraction
from deep_plunder.errors import InputError
from deep_plunder.util.console import say, without_chatter

__all__ = ["add_parser"]


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the subcommand to a parser.

    Parameters
    ----------
    commands : argparse._SubParsersAction
        Result of `argparse.ArgumentParser.add_subparsers`.
    """
    inspect = commands.add_parser(
        "inspect",
        help="show the regions of a song and the network's output, and cut nothing",
        description="Show the regions of a song with their scores, and as bars over time the "
        "network's frame output, its confidence that one sound is heard alone.",
    )
    inspect.set_defaults(run=_inspect)
    add = inspect.add_argument
    add("song", metavar="SONG", type=Path, help="an audio file")
    add("--picture", metavar="FILE", type=Path,
        help="also draw the spectrogram with the regions (.png or .svg)")  # fmt: skip
    add_model(inspect)
    add("--min-score", metavar="P", type=fraction,
        help="leave out regions with lower scores, 0..1 (default: the model's own)")  # fmt: skip


def _inspect(args: argparse.Namespace) -> int:
    from deep_plunder.audio.reading import reader
    from deep_plunder.decoding.decode import Overrides
    from deep_plunder.extraction.picture import Overview, draw_song
    from deep_plunder.extraction.terminal import draw_lines
    from deep_plunder.features.log_mel import mel_levels
    from deep_plunder.models.detect import decode_song
    from deep_plunder.models.inference import predict_song
    from deep_plunder.models.model_file import load_model
    from deep_plunder.util.names import shown
    from deep_plunder.util.plotting import FORMATS
    from deep_plunder.util.resources import option_model_path

    if args.picture is not None and args.picture.suffix.lower() not in FORMATS:
        endings = " or ".join(FORMATS)
        raise InputError(f"{shown(args.picture)}: the name of a picture must end in {endings}")
    with without_chatter():
        model = load_model(option_model_path(args.model))
    spec = model.spec
    with reader(args.song, keep=True) as recording:
        overview = Overview(seconds=recording.info.seconds, hop_s=spec.hop_s)
        outputs = predict_song(
            model, recording, observe=lambda features: overview.add(mel_levels(features, spec))
        )
        settings = Overrides(min_score=args.min_score)
        clips = decode_song(model, outputs, recording, settings=settings)
    say("onset_s\toffset_s\tscore")
    for clip in clips:
        say(f"{clip.onset_s:.3f}\t{clip.offset_s:.3f}\t{clip.score:.2f}")
    for line in draw_lines(outputs, clips, hop_s=spec.hop_s):
        say(line.rstrip())
    if args.picture is not None:
        draw_song(args.picture, overview, outputs, clips, spec=spec, title=args.song.name)
        say(f"picture: {shown(args.picture)}")
    return 0
