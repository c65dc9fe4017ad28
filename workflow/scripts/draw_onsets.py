from job import run


def main(snakemake):
    from deep_plunder.corpus.figures import plot_onsets
    from deep_plunder.corpus.library import Sound
    from deep_plunder.corpus.onset_table import read_onsets_json
    from deep_plunder.util.tables import read_records

    sounds = read_records(snakemake.input.sounds, Sound)
    plot_onsets(read_onsets_json(snakemake.input.onsets, sounds), snakemake.output[0])


run(main, snakemake)
