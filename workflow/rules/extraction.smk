CLIP_PARTS = [f"results/clips/{shard:04d}.tsv" for shard in range(EXTRACTION["shards"])]


rule extract:
    input:
        model=made_models(model_file(EXTRACTION["model"])),
        tables=SONG_TABLES,
        made=made_songs,
        classifier=made_classifier,
        mixes=extraction_mixes,
    output:
        clips="results/clips/{shard}.tsv",
    log:
        "results/logs/extract/{shard}.log",
    benchmark:
        "results/benchmarks/extract/{shard}.tsv"
    conda:
        environment("learning.yaml")
    threads: threads_of(EXTRACTION["model"])
    resources:
        mem_mb=lambda wildcards, attempt: mem_mb_of(EXTRACTION["model"]) * attempt,
        runtime=per_attempt(240),
    params:
        part=lambda wildcards: [int(wildcards.shard), EXTRACTION["shards"]],
        model=lambda wildcards: found(model_file(EXTRACTION["model"])),
        weights=lambda wildcards: other_models(model_file(EXTRACTION["model"])),
        songs=lambda wildcards: EXTRACTION["songs"],
        mixes=EXTRACTION["mixes"],
        extraction=keys(
            "extraction",
            "onset_threshold",
            "frame_threshold",
            "min_duration_s",
            "min_score",
            "keep_duplicates",
            "classifier",
            "curves",
            "picture",
        ),
        files=lambda wildcards: extraction_files(),
        classes=classifier_file,
        losses=lambda wildcards: count_losses(
            placed(f"results/clips/{wildcards.shard}.tsv")
        ),
        code=lambda wildcards: code_of_models("extract_clips.py", EXTRACTION["model"]),
    message:
        "Extract clips from songs (shard {wildcards.shard})"
    script:
        "../scripts/extract_clips.py"


rule list_clips:
    input:
        parts=CLIP_PARTS,
    output:
        clips="results/clips.tsv",
    log:
        "results/logs/list_clips.log",
    benchmark:
        "results/benchmarks/list_clips.tsv"
    conda:
        environment("audio.yaml")
    threads: 1
    resources:
        mem_mb=per_attempt(500),
        runtime=per_attempt(10),
    params:
        code=lambda wildcards: code_of("list_clips.py", without=["models"]),
    message:
        "List the clips of all songs"
    script:
        "../scripts/list_clips.py"
