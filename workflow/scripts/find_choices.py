from job import run


def main(snakemake):
    from deep_plunder.corpus.chosen import Choice, SetAsideChoice
    from deep_plunder.corpus.songs import Song
    from deep_plunder.corpus.split import Assignment
    from deep_plunder.corpus.usable_choices import find_choices, songs_held_out
    from deep_plunder.evaluation.bench.layout import songs_in_benches
    from deep_plunder.util.tables import read_records, write_records

    held_out = songs_held_out(
        read_records(snakemake.input.songs, Song), read_records(snakemake.input.splits, Assignment)
    )
    held_out += songs_in_benches(snakemake.params.benches)
    choices, set_aside = find_choices(snakemake.params.files, held_out=held_out)
    write_records(snakemake.output.choices, Choice, choices)
    write_records(snakemake.output.set_aside, SetAsideChoice, set_aside)


run(main, snakemake)
