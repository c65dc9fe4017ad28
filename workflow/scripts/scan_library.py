from job import run


def main(snakemake):
    from deep_plunder.corpus.library import Rejected, Sound, scan_library
    from deep_plunder.util.tables import write_records

    sounds, rejected = scan_library(
        snakemake.params.folder,
        classes=snakemake.params.classes,
        offset_method=snakemake.params.offset_method,
        max_duration_s=snakemake.params.max_duration_s,
        keep_loops=snakemake.params.keep_loops,
        workers=snakemake.threads,
    )
    write_records(snakemake.output.sounds, Sound, sounds)
    write_records(snakemake.output.rejected, Rejected, rejected)


run(main, snakemake)
