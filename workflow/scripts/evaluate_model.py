from job import run


def main(snakemake):
    from pathlib import Path

    from deep_plunder.decoding.decode import Overrides
    from deep_plunder.evaluation.evaluate import evaluate
    from deep_plunder.util.resources import model_path

    evaluate(
        model_path(snakemake.params.model),
        snakemake.input.features,
        snakemake.input.regions,
        folder=Path(snakemake.output.table1).parent,
        plans=snakemake.input.plans,
        clip_settings=Overrides(**snakemake.params.clips),
        **snakemake.params.evaluation,
    )


run(main, snakemake)
