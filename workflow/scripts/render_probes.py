from job import run


def main(snakemake):
    from deep_plunder.corpus.split import split_tables
    from deep_plunder.evaluation.probes.plan import ProbeNote
    from deep_plunder.evaluation.probes.render import render_probes
    from deep_plunder.util.tables import read_records

    sounds, _ = split_tables(
        snakemake.input.splits,
        snakemake.input.sounds,
        snakemake.input.songs,
        onsets=snakemake.input.onsets,
        split="test",
    )
    notes = read_records(snakemake.input.plan, ProbeNote)
    render_probes(notes, sounds, snakemake.output.bench, seed=snakemake.params.seed)


run(main, snakemake)
