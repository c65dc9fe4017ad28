from job import run


def main(snakemake):
    from deep_plunder.mixes.figures import draw_mix
    from deep_plunder.mixes.spec import MixSpec
    from deep_plunder.mixes.tables import render_tables

    spec = MixSpec(**snakemake.params.spec)
    mix = next(
        render_tables(
            snakemake.input.get("plan"),
            snakemake.input.get("scenes"),
            snakemake.input.get("modules_plan"),
            sounds=snakemake.input.sounds,
            songs=snakemake.input.songs,
            modules=next(iter(snakemake.input.get("modules") or []), None),
            spec=spec,
            scenes=snakemake.params.scenes,
            first_only=True,
        )
    )
    draw_mix(snakemake.output[0], mix.audio, spec.sample_rate, mix.regions)


run(main, snakemake)
