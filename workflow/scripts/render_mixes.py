from job import run


def main(snakemake):
    from deep_plunder.library import Rejected, Sound
    from deep_plunder.mixspec import MixSpec
    from deep_plunder.plan import Event
    from deep_plunder.render import Renderer, render_shard
    from deep_plunder.songs import Song
    from deep_plunder.tables import read_records, write_records

    renderer = Renderer(
        read_records(snakemake.input.sounds, Sound),
        read_records(snakemake.input.songs, Song),
        MixSpec(**snakemake.params.spec),
    )
    events = read_records(snakemake.input.plan, Event)
    rejected = render_shard(events, renderer, snakemake.output.mixes)
    write_records(snakemake.output.rejected, Rejected, rejected)


run(main, snakemake)
