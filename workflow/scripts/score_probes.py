from job import run


def main(snakemake):
    from deep_plunder.evaluation.probes.plan import ProbeNote
    from deep_plunder.evaluation.probes.scores import score_probes
    from deep_plunder.util.tables import read_records

    notes = read_records(snakemake.input.plan, ProbeNote)
    score_probes(notes, snakemake.input.regions, path=snakemake.output.scores)


run(main, snakemake)
