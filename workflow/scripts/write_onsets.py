from job import run


def main(snakemake):
    from deep_plunder.corpus.library import Sound
    from deep_plunder.corpus.onset_table import read_onsets_json, write_onsets_json
    from deep_plunder.util.tables import read_records

    sounds = read_records(snakemake.input.sounds, Sound)
    if snakemake.params.edited:
        sounds = read_onsets_json(snakemake.params.edited, sounds)
    write_onsets_json(snakemake.output.onsets, sounds)


run(main, snakemake)
