from job import run


def main(snakemake):
    from deep_plunder.evaluation.probes.report import write_probe_summary

    write_probe_summary(
        dict(zip(snakemake.params.finders, snakemake.input.scores, strict=True)),
        dict(zip(snakemake.params.models, snakemake.input.variants, strict=True)),
        path=snakemake.output.table,
        markdown_path=snakemake.output.markdown,
        page_path=snakemake.output.page,
    )


run(main, snakemake)
