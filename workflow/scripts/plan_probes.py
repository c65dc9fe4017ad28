from job import run


def main(snakemake):
    from deep_plunder.corpus.split import split_tables
    from deep_plunder.evaluation.probes.plan import ProbeNote, plan_probes
    from deep_plunder.util.tables import write_records

    sounds, _ = split_tables(
        snakemake.input.splits,
        snakemake.input.sounds,
        snakemake.input.songs,
        onsets=snakemake.input.onsets,
        split="test",
    )
    notes = plan_probes(sounds, events=snakemake.params.events, seed=snakemake.params.seed)
    write_records(snakemake.output.plan, ProbeNote, notes)


run(main, snakemake)
