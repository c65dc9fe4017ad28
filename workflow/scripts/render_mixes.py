from job import run


def main(snakemake):
    from deep_plunder.corpus.library import Rejected
    from deep_plunder.mixes.rendered import write_mixes
    from deep_plunder.mixes.scenes.spec import SceneSpec
    from deep_plunder.mixes.spec import MixSpec
    from deep_plunder.mixes.store import SHARED_FOLDER, Store
    from deep_plunder.mixes.tables import render_tables
    from deep_plunder.util.tables import write_records

    spec = MixSpec(**snakemake.params.spec)
    # Not a parameter of the rule: what it is set to changes no output.
    cache_gb = snakemake.config["mixes"]["cache_gb"]
    mixes = render_tables(
        snakemake.input.get("plan"),
        snakemake.input.get("scenes"),
        sounds=snakemake.input.sounds,
        songs=snakemake.input.songs,
        spec=spec,
        scenes=SceneSpec(**snakemake.params.scenes),
        store=Store(SHARED_FOLDER, limit_bytes=cache_gb * 1e9),
    )
    rejected = write_mixes(mixes, snakemake.output.mixes, rate=spec.sample_rate)
    write_records(snakemake.output.rejected, Rejected, rejected)


run(main, snakemake)
