from job import run


def main(snakemake):
    from deep_plunder.corpus.figures import plot_onsets
    from deep_plunder.corpus.library import Sound
    from deep_plunder.util.tables import read_records

    plot_onsets(read_records(snakemake.input.sounds, Sound), snakemake.output[0])


run(main, snakemake)
