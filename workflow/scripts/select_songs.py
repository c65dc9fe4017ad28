from job import run


def main(snakemake):
    from deep_plunder.songs import (
        RejectedSong,
        Song,
        SummaryLine,
        select_songs,
        summary,
    )
    from deep_plunder.tables import write_records

    songs, rejected = select_songs(snakemake.input.sources, **snakemake.params.select)
    write_records(snakemake.output.songs, Song, songs)
    write_records(snakemake.output.rejected, RejectedSong, rejected)
    write_records(snakemake.output.summary, SummaryLine, summary(songs, rejected))


run(main, snakemake)
