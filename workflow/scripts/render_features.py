from job import run


def main(snakemake):
    from deep_plunder.examples import Mix, write_examples
    from deep_plunder.features import FeatureSpec
    from deep_plunder.library import Rejected, Sound
    from deep_plunder.mixspec import MixSpec
    from deep_plunder.plan import Event
    from deep_plunder.render import Renderer, render_mixes
    from deep_plunder.songs import Song
    from deep_plunder.tables import read_records, write_records

    spec = MixSpec(**snakemake.params.spec)
    renderer = Renderer(
        read_records(snakemake.input.sounds, Sound),
        read_records(snakemake.input.songs, Song),
        spec,
    )
    rejected = []

    def mixes():
        for mix in render_mixes(read_records(snakemake.input.plan, Event), renderer):
            rejected.extend(mix.rejected)
            yield Mix(mix.audio, spec.sample_rate, mix.regions)

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
