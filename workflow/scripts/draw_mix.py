from job import run


def main(snakemake):
    from deep_plunder.figures.mixes import draw_mix
    from deep_plunder.library import Sound
    from deep_plunder.mixspec import MixSpec
    from deep_plunder.plan import Event
    from deep_plunder.render import Renderer
    from deep_plunder.songs import Song
    from deep_plunder.tables import read_records

    spec = MixSpec(**snakemake.params.spec)
    renderer = Renderer(
        read_records(snakemake.input.sounds, Sound),
        read_records(snakemake.input.songs, Song),
        spec,
    )
    events = read_records(snakemake.input.plan, Event)
    mix = renderer.render([event for event in events if event.mix == events[0].mix])
    draw_mix(snakemake.output[0], mix.audio, spec.sample_rate, mix.regions)


run(main, snakemake)
