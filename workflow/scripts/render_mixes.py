from job import run


def main(snakemake):
    from deep_plunder.corpus.library import Rejected
    from deep_plunder.mixes.recordings import open_store
    from deep_plunder.mixes.rendered import write_mixes
    from deep_plunder.mixes.spec import MixSpec
    from deep_plunder.mixes.tables import render_tables
    from deep_plunder.util.tables import write_records

    spec = MixSpec(**snakemake.params.spec)
    mixes = render_tables(
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
    )
    rejected = write_mixes(mixes, snakemake.output.mixes, rate=spec.sample_rate)
    write_records(snakemake.output.rejected, Rejected, rejected)


run(main, snakemake)
