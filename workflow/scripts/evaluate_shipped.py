from job import run


def main(snakemake):
    from itertools import chain
    from pathlib import Path

    from deep_plunder.dataset.mixes import read_mixes
    from deep_plunder.decoding.decode import Overrides
    from deep_plunder.evaluation.finders import evaluate_finder
    from deep_plunder.features.spec import FeatureSpec
    from deep_plunder.models.detect import detect_song
    from deep_plunder.models.model_file import load_model
    from deep_plunder.util.resources import model_path

    model = load_model(model_path(snakemake.params.model))
    settings = Overrides(**snakemake.params.clips)
    evaluate_finder(
        lambda mix: detect_song(model, mix.path, settings=settings),
        chain.from_iterable(map(read_mixes, snakemake.input.mixes)),
        folder=Path(snakemake.output.table1).parent,
        plans=snakemake.input.plans,
        spec=FeatureSpec(**snakemake.params.features),
        reference=snakemake.params.reference,
    )


run(main, snakemake)
