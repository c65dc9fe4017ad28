# With keep_audio the features are computed from the mixes' WAV files, without it from the mixes while
# they are rendered. The samples are the same, and so are the features.
if KEEP_AUDIO:

    rule features:
        input:
            mixes="results/mixes/audio/{split}/{shard}",
        output:
            features="results/features/{split}/{shard}.npy",
            labels="results/features/{split}/{shard}.labels.npy",
            sums="results/features/{split}/{shard}.sums.npy",
            regions="results/features/{split}/{shard}.regions.tsv",
        log:
            "results/logs/features/{split}/{shard}.log",
        benchmark:
            "results/benchmarks/features/{split}/{shard}.tsv"
        conda:
            environment("audio.yaml")
        threads: 1
        resources:
            mem_mb=per_attempt(1000),
            runtime=per_attempt(30),
        params:
            duration_s=config["mixes"]["duration_s"],
            mixes=lambda wildcards: mixes_of(wildcards.split, wildcards.shard),
            features=config["features"],
            code=lambda wildcards: code_of("compute_features.py"),
        message:
            "Compute features and labels of {wildcards.split} {wildcards.shard}"
        script:
            "../scripts/compute_features.py"

else:

    rule render_features:
        input:
            made_library=made_library,
            made_songs=made_songs,
            sounds="results/library/sounds.tsv",
            songs="results/songs/songs.tsv",
            plan=PAPER_PLAN,
            scenes=SCENES_PLAN,
            modules_plan=MODULES_PLAN,
            modules=MIXED_MODULES,
            made_modules=made_module_folders if MODULES_PLAN else [],
        output:
            features="results/features/{split}/{shard}.npy",
            labels="results/features/{split}/{shard}.labels.npy",
            sums="results/features/{split}/{shard}.sums.npy",
            regions="results/features/{split}/{shard}.regions.tsv",
            rejected="results/mixes/rejected/{split}/{shard}.tsv",
        log:
            "results/logs/features/{split}/{shard}.log",
        benchmark:
            "results/benchmarks/features/{split}/{shard}.tsv"
        conda:
            environment("audio.yaml")
        threads: 1
        resources:
            mem_mb=per_attempt(1000),
            runtime=per_attempt(60),
        params:
            spec=keys("mixes", *RENDERED_KEYS),
            scenes=SCENES_TRUTH,
            mixes=lambda wildcards: mixes_of(wildcards.split, wildcards.shard),
            features=config["features"],
            sounds=library_files,
            songs=song_files,
            modules=module_files if MODULES_PLAN else None,
            code=lambda wildcards: code_of("render_features.py", without=OTHER_STYLES),
        message:
            "Render features and labels of {wildcards.split} {wildcards.shard}"
        script:
            "../scripts/render_features.py"
