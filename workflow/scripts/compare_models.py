from job import run


def main(snakemake):
    from deep_plunder.evaluation.summary import write_summary

    write_summary(
        dict(zip(snakemake.params.models, snakemake.input.tables, strict=True)),
        path=snakemake.output.table,
        markdown_path=snakemake.output.markdown,
    )


run(main, snakemake)
