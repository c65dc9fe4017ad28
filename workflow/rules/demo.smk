rule demo:
    output:
        library=directory("results/demo/library"),
        songs=directory("results/demo/songs"),
        playlist="results/demo/playlist.txt",
        playlist_utf8="results/demo/playlist_utf8.txt",
        library_xml="results/demo/Library.xml",
        m3u="results/demo/playlist.m3u8",
    log:
        "results/logs/demo.log",
    benchmark:
        "results/benchmarks/demo.tsv"
    conda:
        environment("audio.yaml")
    threads: 4
    resources:
        mem_mb=per_attempt(2000),
        runtime=per_attempt(20),
    params:
        seed=config["seed"],
        demo=config["demo"],
        code=lambda wildcards: code_of("make_demo.py"),
    message:
        "Synthesize the demo's sounds and songs"
    script:
        "../scripts/make_demo.py"
