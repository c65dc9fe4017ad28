from job import run


def main(snakemake):
    from pathlib import Path

    from deep_plunder.demo.corpus import write_demo

    write_demo(
        Path(snakemake.output.playlist).parent,
        seed=snakemake.params.seed,
        workers=snakemake.threads,
        **snakemake.params.demo,
    )


run(main, snakemake)
