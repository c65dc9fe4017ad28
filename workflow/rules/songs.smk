rule songs:
    input:
        playlists=made_playlists,
        songs=made_songs,
    output:
        songs="results/songs/songs.tsv",
        rejected="results/songs/rejected.tsv",
        summary="results/songs/summary.tsv",
    log:
        "results/logs/songs.log",
    benchmark:
        "results/benchmarks/songs.tsv"
    conda:
        environment("audio.yaml")
    threads: 4
    resources:
        mem_mb=per_attempt(1000),
        runtime=per_attempt(60),
    params:
        sources=lambda wildcards: list(map(found, config["songs"]["sources"])),
        select=keys(
            "songs",
            "path_map",
            "min_duration_s",
            "max_duration_s",
            "min_bit_rate_kbps",
        ),
        files=song_files,
        code=lambda wildcards: code_of("select_songs.py"),
    message:
        "Select songs from the playlists"
    script:
        "../scripts/select_songs.py"
