from job import run


def main(snakemake):
    from deep_plunder.corpus.library import Sound
    from deep_plunder.corpus.modules import TrackerModule
    from deep_plunder.corpus.songs import Song
    from deep_plunder.corpus.split import Assignment, split_items
    from deep_plunder.util.tables import read_records, write_records

    assignments = split_items(
        read_records(snakemake.input.sounds, Sound),
        read_records(snakemake.input.songs, Song),
        [row for path in snakemake.input.modules for row in read_records(path, TrackerModule)],
        seed=snakemake.params.seed,
        module_shares=tuple(snakemake.params.module_shares),
        **snakemake.params.split,
    )
    write_records(snakemake.output.splits, Assignment, assignments)


run(main, snakemake)
