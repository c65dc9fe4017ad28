from job import run


def main(snakemake):
    from deep_plunder.library import Sound
    from deep_plunder.mixspec import MixSpec
    from deep_plunder.plan import Event, Planner
    from deep_plunder.songs import Song
    from deep_plunder.split import Assignment, members
    from deep_plunder.tables import read_records, write_records

    split = snakemake.wildcards.split
    assignments = read_records(snakemake.input.splits, Assignment)
    own_sounds = set(members(assignments, kind="sound", split=split))
    own_songs = set(members(assignments, kind="song", split=split))
    sounds = read_records(snakemake.input.sounds, Sound)
    songs = read_records(snakemake.input.songs, Song)
    planner = Planner(
        split=split,
        seed=snakemake.params.seed,
        sounds=[sound for sound in sounds if sound.sound in own_sounds],
        songs=[song for song in songs if song.song in own_songs],
        spec=MixSpec(**snakemake.params.spec),
    )
    events = (event for index in range(*snakemake.params.mixes) for event in planner.plan(index))
    write_records(snakemake.output.plan, Event, events)


run(main, snakemake)
