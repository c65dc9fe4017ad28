from job import run


def main(snakemake):
    from deep_plunder.corpus.library import Sound
    from deep_plunder.corpus.songs import Song
    from deep_plunder.corpus.split import Assignment, split_items
    from deep_plunder.util.tables import read_records, write_records

    assignments = split_items(
        read_records(snakemake.input.sounds, Sound),
        read_records(snakemake.input.songs, Song),
        seed=snakemake.params.seed,
        **snakemake.params.split,
    )
    write_records(snakemake.output.splits, Assignment, assignments)


run(main, snakemake)
