"""Open an audio file, or each of its consecutive streams, with the decoder that knows it.

libsndfile comes first. It gets each stream of MPEG audio and of chained Ogg files by itself, and
headers without a length with the length filled in. FFmpeg decodes the rest.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import IO

import soundfile

from deep_plunder.audio.cut_off import check_last_packet
from deep_plunder.audio.declared import check_declared_end
from deep_plunder.audio.flac import FlacStream, find_flac_streams
from deep_plunder.audio.headers import complete_header, large_wav
from deep_plunder.audio.joined import Joined, Opener
from deep_plunder.audio.libsndfile import SoundFile
from deep_plunder.audio.mpeg import (
    MpegStream,
    bytes_between,
    corrected_tag,
    find_streams,
    may_be_mpeg,
)
from deep_plunder.audio.mpeg_lengths import check_lengths, lacks_end, sound_length, states
from deep_plunder.audio.ogg_pages import Link, find_links
from deep_plunder.audio.source import (
    FEWEST_BYTES,
    Findings,
    Source,
    check_demands,
    decoding,
    fault,
    warn,
)
from deep_plunder.audio.unread import unread_bytes
from deep_plunder.audio.views import View
from deep_plunder.audio.wave64 import is_wave64, view_wave64

__all__ = ["open_source"]

# With a tag, even an empty one, libsndfile recognises MPEG audio at once. Without one it looks for
# a resource fork first, and takes a folder named .AppleDouble in the working directory for one.
_EMPTY_ID3 = b"ID3\4" + bytes(5) + b"\n" + bytes(10)
# Samples of silence that an MP3 decoder adds before those of the encoder.
_MP3_DELAY = 529
# Formats whose tags FFmpeg would take for sound.
_CHUNKED = frozenset(("WAV", "WAVEX", "RF64", "AIFF", "CAF", "AU", "W64"))
_UNKNOWN_FRAMES = 1 << 62
# Links of a chain; a day of radio has a few hundred.
_MOST_JOINED = 1000

_streams: Findings[list[MpegStream]] = Findings()
_flac_streams: Findings[list[FlacStream]] = Findings()


def _check_last_page(path: str | os.PathLike[str], stream: IO[bytes]) -> None:
    """Check that the last page of an Ogg file, of up to 65,307 bytes, ends within the file."""
    size = stream.seek(0, os.SEEK_END)
    first = stream.seek(max(0, size - 2 * 65536))
    tail = stream.read()
    page = tail.rfind(b"OggS\0")
    if page < 0:
        return
    count = tail[page + 26] if len(tail) > page + 26 else 255
    segments = tail[page + 27 : page + 27 + count]
    if len(segments) < count or first + page + 27 + count + sum(segments) > size:
        raise fault(path, "truncated", f"its last Ogg page is cut off at byte {size}")


@contextmanager
def _open_stream(
    path: str | os.PathLike[str], stream: IO[bytes] | View, found: MpegStream
) -> Iterator[Source]:
    skipped = _MP3_DELAY + found.tag.trims[0] if found.tag and found.tag.lame else 0
    # Layers I and II have no tag, so libsndfile guesses their length, and decodes no more.
    frames = None if found.layer == 3 else found.frames * found.samples
    # Behind a frame that cannot be decoded, libmpg123 rounds samples differently.
    damaged = len(found.ranges) > 1
    source = SoundFile(path, stream, skipped=skipped, frames=frames, linear=damaged)
    with closing(source):
        yield source


def _open_mpeg(
    path: str | os.PathLike[str], stream: IO[bytes], streams: list[MpegStream], stack: ExitStack
) -> Source:
    """Open each stream of an MPEG file."""
    _check_number(path, len(streams))
    check_lengths(path, streams)
    unread = bytes_between(stream.fileno(), streams)
    if unread:
        warn(path, f"{unread} bytes between or behind its MPEG frames are not read")
    first = streams[0]
    whole = len(streams) == len(first.ranges) == 1
    if whole and first.tag is not None and first.tag.frames == first.frames:
        # libsndfile does not get past every tag at the beginning; a view has none.
        with suppress(soundfile.LibsndfileError):
            source = stack.enter_context(_open_stream(path, stream, first))
            # Nor does it recognise a tag with a damaged byte; it then guesses the length.
            if abs(source.frames - sound_length(first)) <= first.samples:
                return source
    openers: list[Opener] = []
    for found in streams:
        ends = found is streams[-1] or states(found, found.frames)
        head = _EMPTY_ID3
        if found.layer == 3:
            head += corrected_tag(found, padded=ends and not lacks_end(found))
        # libmpg123 recognises a frame of layer I or II by the one that follows it.
        alone = found.layer < 3 and found.frames == 1
        view = View(stream.fileno(), found.ranges * (1 + alone), head=head)
        openers.append(partial(_open_stream, path, view, found))
    if len(openers) == 1:
        return stack.enter_context(openers[0]())
    return stack.enter_context(closing(Joined(openers)))


def _check_number(path: str | os.PathLike[str], number: int) -> None:
    if number > _MOST_JOINED:
        detail = f"more than {_MOST_JOINED} recordings follow each other in it"
        raise fault(path, "undecodable", f"{detail}: {number}")


@contextmanager
def _open_any(path: str | os.PathLike[str], view: View) -> Iterator[Source]:
    """Open a view with libsndfile, or else with FFmpeg."""
    from deep_plunder.audio.container import open_container

    with ExitStack() as stack:
        source = _open_plain(path, view, stack)
        if source is None or not source.frames:
            source = stack.enter_context(open_container(path, view=view))
        yield source


def _for_libsndfile(link: Link) -> bool:
    """Return whether libsndfile can decode a link: not Opus that stops before its stated end."""
    return link.ended or not link.opus


def _open_link(
    path: str | os.PathLike[str], descriptor: int, link: Link
) -> AbstractContextManager[Source]:
    from deep_plunder.audio.container import open_container

    view = View(descriptor, [(link.start, link.stop)])
    return _open_any(path, view) if _for_libsndfile(link) else open_container(path, view=view)


def _open_plain(
    path: str | os.PathLike[str], stream: IO[bytes] | View, stack: ExitStack
) -> Source | None:
    """Open a file with libsndfile; return None if it does not know the format or the length."""
    try:
        source = stack.enter_context(closing(SoundFile(path, stream)))
    except soundfile.LibsndfileError:
        return None
    if source.format == "SDS":
        # libsndfile prints the faults of such a file on standard output, block by block.
        raise fault(path, "not audio", "MIDI sample dumps are not read")
    if source.format == "VOC":
        # libsndfile takes the heads of further blocks for sound.
        return None
    # For MPEG audio without a tag, libsndfile guesses the length.
    known = source.frames < _UNKNOWN_FRAMES and source.format != "MP3"
    return source if known else None


def _open_flac(
    path: str | os.PathLike[str], stream: IO[bytes], streams: list[FlacStream], stack: ExitStack
) -> Source | None:
    """Open a FLAC file as each of its streams; return None if it is one as it states."""
    _check_number(path, len(streams))
    views, is_corrected = [], False
    for found in streams:
        head, start = b"", found.start
        if found.found is None and found.declared and found.searched:
            detail = f"its header says {found.declared} frames, none is there"
            raise fault(path, "truncated", detail)
        if found.found is not None and 0 < found.declared != found.found:
            detail = f"its header says {found.declared} frames, {found.found} are there"
            if found.found < found.declared:
                raise fault(path, "truncated", detail)
            warn(path, f"{detail}; all are read")
            head = found.corrected_info()
            start += len(head)
            is_corrected = True
        views.append(View(stream.fileno(), [(start, found.stop)], head=head))
    if len(views) == 1:
        return stack.enter_context(_open_any(path, views[0])) if is_corrected else None
    return stack.enter_context(closing(Joined([partial(_open_any, path, view) for view in views])))


def _open_file(path: str | os.PathLike[str], stream: IO[bytes], stack: ExitStack) -> Source:
    from deep_plunder.audio.container import open_container

    head = stream.read(4)
    source: Source | None = None
    if may_be_mpeg(head):
        descriptor = stream.fileno()
        streams = _streams.of(os.fstat(descriptor), partial(find_streams, descriptor))
        if streams:
            return _open_mpeg(path, stream, streams, stack)
    if head == b"OggS":
        _check_last_page(path, stream)
        links = find_links(stream.fileno())
        behind = os.fstat(stream.fileno()).st_size - links[-1].stop if links else 0
        if behind >= FEWEST_BYTES:
            warn(path, f"{behind} bytes that follow its last Ogg page are not read")
        cut = sum(not link.ended for link in links)
        if cut:
            several = f"{cut} of its {len(links)} Ogg streams lack"
            lacking = several if len(links) > 1 else "its Ogg stream lacks"
            warn(path, f"{lacking} the page marked as the last")
        if len(links) > 1:
            _check_number(path, len(links))
            openers = [partial(_open_link, path, stream.fileno(), link) for link in links]
            return stack.enter_context(closing(Joined(openers)))
        if links and not _for_libsndfile(links[0]):
            return stack.enter_context(open_container(path))
    if head == b"fLaC":
        descriptor = stream.fileno()
        flac = _flac_streams.of(os.fstat(descriptor), partial(find_flac_streams, descriptor))
        source = _open_flac(path, stream, flac, stack) if flac else None
        if source is not None:
            return source
    if is_wave64(stream.fileno()):
        return stack.enter_context(_open_any(path, view_wave64(stream.fileno())))
    large = large_wav(stream.fileno())
    if large is not None:
        return stack.enter_context(_open_any(path, large))
    source = _open_plain(path, stream, stack)
    if source is not None and source.frames:
        return source
    view = complete_header(path, stream.fileno())
    if view is not None:
        return stack.enter_context(_open_any(path, view))
    if source is not None and source.format in _CHUNKED:
        raise fault(path, "empty", "holds no samples")
    return stack.enter_context(open_container(path))


def _opened(path: str | os.PathLike[str]) -> IO[bytes]:
    try:
        # Opening a named pipe would wait forever.
        kind = Path(path).stat()
        if stat.S_ISDIR(kind.st_mode):
            raise fault(path, "not audio", "is a folder, not a file")
        if not stat.S_ISREG(kind.st_mode):
            raise fault(path, "not audio", "is not a regular file")
        if kind.st_size == 0:
            raise fault(path, "empty", "has no bytes")
        return open(path, "rb", buffering=0)  # noqa: PTH123
    except OSError as error:
        detail = error.strerror or str(error)
        raise fault(path, "missing", f"cannot be opened ({detail})") from error
    except ValueError as error:
        raise fault(path, "missing", f"is not a file name ({error})") from error


@contextmanager
def open_source(path: str | os.PathLike[str]) -> Iterator[Source]:
    """Open an audio file.

    Parameters
    ----------
    path : path-like
        The file. Its content decides the format, not its name.

    Yields
    ------
    source : Source

    Raises
    ------
    AudioError
        If the file is missing, empty, no audio, visibly truncated or too large.
    """
    with _opened(path) as stream, ExitStack() as stack:
        with decoding(path):
            source = _open_file(path, stream, stack)
            check_declared_end(path, stream.fileno(), source)
            check_last_packet(path, stream.fileno(), source)
            unread = unread_bytes(stream.fileno())
        if source.frames <= 0 or source.channels <= 0 or source.rate <= 0:
            raise fault(path, "empty", "holds no samples")
        size = os.fstat(stream.fileno()).st_size
        check_demands(
            path, rate=source.rate, channels=source.channels, frames=source.frames, size=size
        )
        if unread:
            detail = f"its header declares {source.frames} frames"
            warn(path, f"{detail}; {unread} bytes that follow them are not read")
        yield source
