from job import run


def main(snakemake):
    from pathlib import Path

    from deep_plunder.features.spec import FeatureSpec
    from deep_plunder.training.devices import find_gpus
    from deep_plunder.training.spec import TrainingSpec
    from deep_plunder.training.train import train
    from deep_plunder.util.resources import model_path

    model = snakemake.params.model
    folder = Path(snakemake.output.model).parent
    start = snakemake.params.start
    train(
        architecture=model["architecture"],
        sizes=model["sizes"],
        spec=FeatureSpec(**snakemake.params.features),
        train_shards=snakemake.input.train,
        validation_shards=snakemake.input.validation,
        training=TrainingSpec(**model["training"]),
        choice_shards=snakemake.input.choices,
        choice_share=snakemake.params.choice_share,
        seed=snakemake.params.seed,
        model_path=snakemake.output.model,
        history_path=snakemake.output.history,
        checkpoint_dir=folder / "checkpoint",
        start=None if start is None else model_path(start),
        teachers=[model_path(teacher) for teacher in snakemake.params.teachers],
        tensorboard_dir=folder / "tensorboard",
        devices=find_gpus(snakemake.resources.gpu),
        # Not a parameter of the rule: the sections that the training uses are parameters.
        configuration=snakemake.config,
    )


run(main, snakemake)
