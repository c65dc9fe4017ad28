"""The measures of descriptions, on cases counted by hand."""

from experiments.description.groups import score_groups


def test_pairs_are_counted_within_songs() -> None:
    # One song: pairs aa true, ab false, ab false. The other: the pair cc is missed.
    songs = [([1, 1, 1], ["a", "a", "b"]), ([1, 2], ["c", "c"])]
    score = score_groups(songs, folder="x", clips="exact", same=0.5)
    assert (score.songs, score.count, score.pairs, score.same_pairs) == (2, 5, 4, 2)
    assert (score.precision, score.recall) == (33.33, 50.0)
    # Three clips are kept, and the second c repeats the first.
    assert (score.kept, score.repeats) == (3, 33.3)
