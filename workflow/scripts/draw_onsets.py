from job import run


def main(snakemake):
    from deep_plunder.figures.onsets import draw_onsets
    from deep_plunder.library import Sound
    from deep_plunder.tables import read_records

    sounds = read_records(snakemake.input.sounds, Sound)
    draw_onsets(snakemake.output[0], sounds, seed=snakemake.params.seed)


run(main, snakemake)
