from job import run


def main(snakemake):
    from deep_plunder.evaluation.bench.report import write_bench_summary

    write_bench_summary(
        list(zip(snakemake.params.rows, snakemake.input.scores, strict=True)),
        snakemake.input.regions,
        path=snakemake.output.table,
        markdown_path=snakemake.output.markdown,
        page_path=snakemake.output.page,
    )


run(main, snakemake)
