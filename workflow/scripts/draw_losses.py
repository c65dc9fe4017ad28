from job import run


def main(snakemake):
    from deep_plunder.training.figures import draw_history

    draw_history(
        snakemake.input.history,
        snakemake.output[0],
        title=snakemake.wildcards.model,
        select_by=snakemake.params.select_by,
    )


run(main, snakemake)
