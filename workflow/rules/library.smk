rule library:
    input:
        made=made_library,
    output:
        sounds="results/library/sounds.tsv",
        rejected="results/library/rejected.tsv",
    log:
        "results/logs/library.log",
    benchmark:
        "results/benchmarks/library.tsv"
    conda:
        environment("audio.yaml")
    threads: 4
    resources:
        mem_mb=per_attempt(2000),
        runtime=per_attempt(60),
    params:
        folder=lambda wildcards: found(config["library"]["path"]),
        classes=lambda wildcards: config["library"]["classes"],
        offset_method=config["library"]["offset_method"],
        max_duration_s=config["library"]["max_duration_s"],
        keep_loops=config["library"]["keep_loops"],
        files=library_files,
        code=lambda wildcards: code_of("scan_library.py"),
    message:
        "Scan the library and find the onset and offset of each sound"
    script:
        "../scripts/scan_library.py"


rule onsets:
    input:
        sounds="results/library/sounds.tsv",
    output:
        onsets="results/library/onsets.json",
    log:
        "results/logs/onsets.log",
    benchmark:
        "results/benchmarks/onsets.tsv"
    conda:
        environment("audio.yaml")
    threads: 1
    resources:
        mem_mb=per_attempt(500),
        runtime=per_attempt(10),
    params:
        edited=lambda wildcards: config["library"]["onsets"],
        files=onsets_file,
        code=lambda wildcards: code_of("write_onsets.py"),
    message:
        "Write the onset and offset of each sound, measured or edited"
    script:
        "../scripts/write_onsets.py"


rule figure_onsets:
    input:
        made=made_library,
        sounds="results/library/sounds.tsv",
        onsets="results/library/onsets.json",
    output:
        report(
            figure("results/figures/figure1_onsets"),
            caption="../report/figure1.rst",
            category="1. Sounds and mixes",
        ),
    log:
        "results/logs/figure_onsets.log",
    benchmark:
        "results/benchmarks/figure_onsets.tsv"
    conda:
        environment("audio.yaml")
    threads: 1
    resources:
        mem_mb=per_attempt(1000),
        runtime=per_attempt(10),
    params:
        files=library_files,
        code=lambda wildcards: code_of("draw_onsets.py"),
    message:
        "Draw figure 1: sounds with their onset and offset"
    script:
        "../scripts/draw_onsets.py"
