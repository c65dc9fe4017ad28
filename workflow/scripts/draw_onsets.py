from job import run


def main(snakemake):
    from deep_plunder.figures.onsets import plot_onsets
    from deep_plunder.library import Sound
    from deep_plunder.tables import read_records

    plot_onsets(read_records(snakemake.input.sounds, Sound), snakemake.output[0])


run(main, snakemake)
