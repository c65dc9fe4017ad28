"""Names of the files to cut."""

from deep_plunder.batch import name_files


def test_files_of_one_name_get_names_of_their_own() -> None:
    paths = ["a/Kick!.wav", "b/kick.wav", "c/mix_000000.wav"]
    assert name_files(paths, taken=["Mix_000000"]) == [
        ("Kick", "a/Kick!.wav"),
        ("kick_2", "b/kick.wav"),
        ("mix_000000_2", "c/mix_000000.wav"),
    ]
