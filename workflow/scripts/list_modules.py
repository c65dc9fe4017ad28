from job import run


def main(snakemake):
    from deep_plunder.corpus.modules import RejectedModule, TrackerModule
    from deep_plunder.mixes.modules.scan import join_scans
    from deep_plunder.util.tables import write_records

    modules, rejected = join_scans(snakemake.input.parts)
    write_records(snakemake.output.modules, TrackerModule, modules)
    write_records(snakemake.output.rejected, RejectedModule, rejected)


run(main, snakemake)
