from job import run


def main(snakemake):
    from deep_plunder.figures.mixes import draw_mix
    from deep_plunder.mixes import render_tables
    from deep_plunder.mixspec import MixSpec
    from deep_plunder.scenes.spec import SceneSpec

    spec = MixSpec(**snakemake.params.spec)
    mix = next(
        render_tables(
            snakemake.input.get("plan"),
            snakemake.input.get("scenes"),
            sounds=snakemake.input.sounds,
            songs=snakemake.input.songs,
            spec=spec,
            scenes=SceneSpec(**snakemake.params.scenes),
            first_only=True,
        )
    )
    draw_mix(snakemake.output[0], mix.audio, spec.sample_rate, mix.regions)


run(main, snakemake)
