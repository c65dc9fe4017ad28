from job import run


def main(snakemake):
    from deep_plunder.corpus.songs import ReasonCount, RejectedSong, Song, select_songs, summary
    from deep_plunder.util.tables import write_records

    songs, rejected = select_songs(
        snakemake.params.sources, workers=snakemake.threads, **snakemake.params.select
    )
    write_records(snakemake.output.songs, Song, songs)
    write_records(snakemake.output.rejected, RejectedSong, rejected)
    write_records(snakemake.output.summary, ReasonCount, summary(songs, rejected))


run(main, snakemake)
