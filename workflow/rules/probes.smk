# Probes: does a finder tell one sound from several, and does it find the same in the same songs?
rule plan_probes:
    input:
        made_library=made_library,
        sounds="results/library/sounds.tsv",
        onsets="results/library/onsets.json",
        songs="results/songs/songs.tsv",
        splits="results/splits.tsv",
    output:
        plan="results/probes/plan.tsv",
    log:
        "results/logs/plan_probes.log",
    benchmark:
        "results/benchmarks/plan_probes.tsv"
    conda:
        environment("audio.yaml")
    threads: 1
    resources:
        mem_mb=per_attempt(1000),
        runtime=per_attempt(30),
    params:
        seed=config["seed"],
        events=PROBE_SPEC["events"],
        files=library_files,
        code=lambda wildcards: code_of("plan_probes.py"),
    message:
        "Plan the probes"
    script:
        "../scripts/plan_probes.py"


rule render_probes:
    input:
        made_library=made_library,
        sounds="results/library/sounds.tsv",
        onsets="results/library/onsets.json",
        songs="results/songs/songs.tsv",
        splits="results/splits.tsv",
        plan="results/probes/plan.tsv",
    output:
        bench=directory(f"results/benches/{PROBES}"),
    log:
        "results/logs/render_probes.log",
    benchmark:
        "results/benchmarks/render_probes.tsv"
    conda:
        environment("audio.yaml")
    threads: 1
    resources:
        mem_mb=per_attempt(2000),
        runtime=per_attempt(30),
    params:
        seed=config["seed"],
        files=library_files,
        code=lambda wildcards: code_of("render_probes.py"),
    message:
        "Render the probes"
    script:
        "../scripts/render_probes.py"


rule score_probes:
    input:
        plan="results/probes/plan.tsv",
        regions=f"results/realbench/{PROBES}/{{finder}}/regions",
    output:
        scores="results/probes/{finder}/scores.tsv",
    log:
        "results/logs/score_probes/{finder}.log",
    benchmark:
        "results/benchmarks/score_probes/{finder}.tsv"
    conda:
        environment("audio.yaml")
    threads: 1
    resources:
        mem_mb=per_attempt(500),
        runtime=per_attempt(10),
    params:
        code=lambda wildcards: code_of("score_probes.py"),
    message:
        "Score what {wildcards.finder} found in the probes"
    script:
        "../scripts/score_probes.py"


rule find_in_variants:
    input:
        bench=lambda wildcards: made_bench(VARIED),
        plain=f"results/realbench/{VARIED}/{{model}}/regions",
        model=lambda wildcards: made_models(model_file(wildcards.model)),
    output:
        variants="results/probes/{model}/variants.tsv",
    log:
        "results/logs/find_in_variants/{model}.log",
    benchmark:
        "results/benchmarks/find_in_variants/{model}.tsv"
    wildcard_constraints:
        model="|".join([*MODELS, SHIPPED]),
    conda:
        environment("learning.yaml")
    threads: lambda wildcards: threads_of(wildcards.model)
    resources:
        mem_mb=lambda wildcards, attempt: mem_mb_of(wildcards.model) * attempt,
        runtime=per_attempt(240),
    params:
        seed=config["seed"],
        songs=PROBE_SPEC["songs"],
        bench=lambda wildcards: bench_place(VARIED),
        files=lambda wildcards: bench_files(VARIED),
        model=lambda wildcards: found(model_file(wildcards.model)),
        weights=lambda wildcards: other_models(model_file(wildcards.model)),
        code=lambda wildcards: code_of_models("find_in_variants.py", wildcards.model),
    message:
        "Find clips in changed songs with {wildcards.model}"
    script:
        "../scripts/find_in_variants.py"


rule compare_probes:
    input:
        scores=expand("results/probes/{finder}/scores.tsv", finder=FINDERS),
        variants=expand("results/probes/{model}/variants.tsv", model=VARIANT_FINDERS),
    output:
        table="results/probes/summary.tsv",
        markdown="results/probes/summary.md",
        page=report(
            "results/probes/summary.html",
            caption="../report/probes.rst",
            category="3. Evaluation",
            subcategory="probes",
        ),
    log:
        "results/logs/compare_probes.log",
    benchmark:
        "results/benchmarks/compare_probes.tsv"
    conda:
        environment("audio.yaml")
    threads: 1
    resources:
        mem_mb=per_attempt(500),
        runtime=per_attempt(10),
    params:
        finders=FINDERS,
        models=VARIANT_FINDERS,
        code=lambda wildcards: code_of("compare_probes.py"),
    message:
        "Compare all models and baselines on the probes"
    script:
        "../scripts/compare_probes.py"
