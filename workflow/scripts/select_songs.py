from job import run


def main(snakemake):
    from deep_plunder.corpus.song_reasons import ReasonCount, RejectedSong, summary
    from deep_plunder.corpus.songs import Song, select_songs
    from deep_plunder.util.tables import write_records

    songs, rejected = select_songs(
        snakemake.params.sources, workers=snakemake.threads, **snakemake.params.select
    )
    write_records(snakemake.output.songs, Song, songs)
    write_records(snakemake.output.rejected, RejectedSong, rejected)
    write_records(snakemake.output.summary, ReasonCount, summary(songs, rejected))


run(main, snakemake)
