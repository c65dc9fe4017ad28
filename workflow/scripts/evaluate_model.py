from job import run


def main(snakemake):
    from pathlib import Path

    from deep_plunder.evaluation import evaluate

    evaluate(
        snakemake.input.model,
        snakemake.input.features,
        snakemake.input.regions,
        folder=Path(snakemake.output.table1).parent,
        clip_onset_threshold=snakemake.params.clips["onset_threshold"],
        clip_frame_threshold=snakemake.params.clips["frame_threshold"],
        **snakemake.params.evaluation,
    )


run(main, snakemake)
