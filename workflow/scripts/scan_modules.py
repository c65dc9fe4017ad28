from job import run


def main(snakemake):
    from deep_plunder.mixes.modules.scan import scan_modules

    part, parts = snakemake.params.part
    scan_modules(
        snakemake.params.folders,
        snakemake.output.folder,
        part=part,
        parts=parts,
        **snakemake.params.versions,
    )


run(main, snakemake)
