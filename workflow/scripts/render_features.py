from job import run


def main(snakemake):
    from deep_plunder.corpus.library import Rejected
    from deep_plunder.dataset.examples import write_examples
    from deep_plunder.dataset.mixes import Mix
    from deep_plunder.features.spec import FeatureSpec
    from deep_plunder.mixes.recordings import open_store
    from deep_plunder.mixes.spec import MixSpec
    from deep_plunder.mixes.tables import render_tables
    from deep_plunder.util.tables import write_records

    spec = MixSpec(**snakemake.params.spec)
    rejected = []

    def mixes():
        for mix in render_tables(
            snakemake.input.get("plan"),
            snakemake.input.get("scenes"),
            snakemake.input.get("modules_plan"),
            sounds=snakemake.input.sounds,
            songs=snakemake.input.songs,
            modules=next(iter(snakemake.input.get("modules") or []), None),
            spec=spec,
            scenes=snakemake.params.scenes,
            # Not a parameter of the rule: its size changes no output.
            store=open_store(snakemake.config["mixes"]["cache_gb"]),
        ):
            rejected.extend(mix.rejected)
            yield Mix(mix.audio, spec.sample_rate, mix.regions, mix.truth)

    first, stop = snakemake.params.mixes
    write_examples(
        snakemake.output.features,
        mixes(),
        count=stop - first,
        duration_s=spec.duration_s,
        regions_path=snakemake.output.regions,
        spec=FeatureSpec(**snakemake.params.features),
    )
    write_records(snakemake.output.rejected, Rejected, rejected)


run(main, snakemake)
