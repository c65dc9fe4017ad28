from job import run


def main(snakemake):
    from deep_plunder.corpus.modules import list_modules
    from deep_plunder.corpus.split import split_modules
    from deep_plunder.evaluation.bench.trackers import render_bench

    folder, split = snakemake.params.modules, snakemake.params.split
    if split:
        table, splits, *_ = snakemake.input.made
        modules = {row.module: row.path for row in split_modules(splits, table, split=split)}
    else:
        modules = {file.module: file.path for file in list_modules([folder])}
    render_bench(modules, snakemake.output.bench, source=folder)


run(main, snakemake)
