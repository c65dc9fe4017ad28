from job import run


def main(snakemake):
    from deep_plunder.library import Rejected
    from deep_plunder.mixes import render_tables
    from deep_plunder.mixspec import MixSpec
    from deep_plunder.render import write_mixes
    from deep_plunder.scenes.spec import SceneSpec
    from deep_plunder.tables import write_records

    spec = MixSpec(**snakemake.params.spec)
    mixes = render_tables(
        snakemake.input.get("plan"),
        snakemake.input.get("scenes"),
        sounds=snakemake.input.sounds,
        songs=snakemake.input.songs,
        spec=spec,
        scenes=SceneSpec(**snakemake.params.scenes),
    )
    rejected = write_mixes(mixes, snakemake.output.mixes, rate=spec.sample_rate)
    write_records(snakemake.output.rejected, Rejected, rejected)


run(main, snakemake)
