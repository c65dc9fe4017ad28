from job import run


def main(snakemake):
    from deep_plunder.corpus.split import split_tables
    from deep_plunder.mixes.events import Event
    from deep_plunder.mixes.plan import Planner
    from deep_plunder.mixes.spec import MixSpec
    from deep_plunder.mixes.styles import PAPER, numbers_of
    from deep_plunder.util.tables import write_records

    split = snakemake.wildcards.split
    sounds, songs = split_tables(
        snakemake.input.splits,
        snakemake.input.sounds,
        snakemake.input.songs,
        onsets=snakemake.input.onsets,
        split=split,
    )
    planner = Planner(
        split=split,
        seed=snakemake.params.seed,
        sounds=sounds,
        songs=songs,
        spec=MixSpec(**snakemake.params.spec),
    )
    numbers = numbers_of(PAPER, range(*snakemake.params.mixes), style=snakemake.params.style)
    events = (event for index in numbers for event in planner.plan(index))
    write_records(snakemake.output.plan, Event, events)


run(main, snakemake)
