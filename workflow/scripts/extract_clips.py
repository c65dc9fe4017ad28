from job import run


def main(snakemake):
    from pathlib import Path

    from deep_plunder.corpus.songs import Song
    from deep_plunder.corpus.split import Assignment
    from deep_plunder.extraction.batch import (
        ExtractedSong,
        extract_songs,
        name_files,
        note_losses,
        songs_to_extract,
    )
    from deep_plunder.extraction.options import ClipOptions
    from deep_plunder.models.model_file import load_model
    from deep_plunder.util.resources import model_path
    from deep_plunder.util.tables import read_records, write_records

    chosen = snakemake.params.songs
    if isinstance(chosen, list):
        songs = name_files(chosen)
    else:
        songs_table, splits_table = snakemake.input.tables
        songs = songs_to_extract(
            read_records(songs_table, Song),
            read_records(splits_table, Assignment),
            split=None if chosen == "all" else chosen,
        )
    mixes = [path for folder in snakemake.input.mixes for path in Path(folder).glob("*.wav")]
    first = sorted(mixes)[: snakemake.params.mixes]
    songs += name_files(first, taken=[name for name, _ in songs])
    part, parts = snakemake.params.part
    settings = dict(snakemake.params.extraction)
    options = ClipOptions(keep_duplicates=settings.pop("keep_duplicates"))
    rows = extract_songs(
        load_model(model_path(snakemake.params.model)),
        songs[part::parts],
        Path(snakemake.output.clips).parent,
        options=options,
        **settings,
    )
    write_records(snakemake.output.clips, ExtractedSong, rows)
    note_losses(snakemake.output.clips, snakemake.params.losses)


run(main, snakemake)
