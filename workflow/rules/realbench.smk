# Benches of real music with exact truth. A folder of tracker modules, or of songs of two recordings
# with or without solo phrases, is first rendered to a bench.
rule render_modules:
    input:
        made=lambda wildcards: made_sources(wildcards.bench),
    output:
        bench=directory("results/benches/{bench}"),
    log:
        "results/logs/render_modules/{bench}.log",
    benchmark:
        "results/benchmarks/render_modules/{bench}.tsv"
    wildcard_constraints:
        bench="|".join(of_kinds(*MODULE_KINDS)) or "none",
    conda:
        environment("audio.yaml")
    threads: 1
    resources:
        mem_mb=per_attempt(2000),
        runtime=per_attempt(120),
    params:
        modules=lambda wildcards: found(config["realbench"][wildcards.bench]),
        split=lambda wildcards: module_split(config["realbench"][wildcards.bench]),
        files=lambda wildcards: bench_files(wildcards.bench),
        code=lambda wildcards: code_of("render_modules.py"),
    message:
        "Render the tracker modules of {wildcards.bench} channel by channel"
    script:
        "../scripts/render_modules.py"


rule render_stems:
    output:
        bench=directory("results/benches/{bench}"),
    log:
        "results/logs/render_stems/{bench}.log",
    benchmark:
        "results/benchmarks/render_stems/{bench}.tsv"
    wildcard_constraints:
        bench="|".join(of_kinds("stems")) or "none",
    conda:
        environment("audio.yaml")
    threads: 1
    resources:
        mem_mb=per_attempt(2000),
        runtime=per_attempt(60),
    params:
        songs=lambda wildcards: config["realbench"][wildcards.bench],
        files=lambda wildcards: bench_files(wildcards.bench),
        code=lambda wildcards: code_of("render_stems.py"),
    message:
        "Mix the songs of two recordings of {wildcards.bench}"
    script:
        "../scripts/render_stems.py"


rule render_solos:
    input:
        made=lambda wildcards: made_sources(wildcards.bench),
    output:
        bench=directory("results/benches/{bench}"),
    log:
        "results/logs/render_solos/{bench}.log",
    benchmark:
        "results/benchmarks/render_solos/{bench}.tsv"
    wildcard_constraints:
        bench="|".join(of_kinds("solos")) or "none",
    conda:
        environment("audio.yaml")
    threads: 1
    resources:
        mem_mb=per_attempt(2000),
        runtime=per_attempt(60),
    params:
        source=lambda wildcards: found(config["realbench"][wildcards.bench]),
        seed=config["seed"],
        files=lambda wildcards: bench_files(wildcards.bench),
        code=lambda wildcards: code_of("render_solos.py"),
    message:
        "Lay solo phrases into the songs of {wildcards.bench}"
    script:
        "../scripts/render_solos.py"


rule find_by_model:
    input:
        bench=lambda wildcards: made_bench(wildcards.bench),
        model=lambda wildcards: made_models(model_file(wildcards.model)),
    output:
        regions=directory("results/realbench/{bench}/{model}/regions"),
    log:
        "results/logs/realbench/{bench}/{model}.log",
    benchmark:
        "results/benchmarks/realbench/{bench}/{model}.tsv"
    wildcard_constraints:
        model="|".join([*MODELS, SHIPPED]),
    conda:
        environment("learning.yaml")
    threads: lambda wildcards: threads_of(wildcards.model)
    resources:
        mem_mb=lambda wildcards, attempt: mem_mb_of(wildcards.model) * attempt,
        runtime=per_attempt(120),
    params:
        bench=lambda wildcards: bench_place(wildcards.bench),
        files=lambda wildcards: bench_files(wildcards.bench),
        model=lambda wildcards: found(model_file(wildcards.model)),
        weights=lambda wildcards: other_models(model_file(wildcards.model)),
        code=lambda wildcards: code_of_models("find_by_model.py", wildcards.model),
    message:
        "Find regions in {wildcards.bench} with {wildcards.model}"
    script:
        "../scripts/find_by_model.py"


rule find_by_baseline:
    input:
        bench=lambda wildcards: made_bench(wildcards.bench),
        forest=forest_of,
    output:
        regions=directory("results/realbench/{bench}/{baseline}/regions"),
    log:
        "results/logs/realbench/{bench}/{baseline}.log",
    benchmark:
        "results/benchmarks/realbench/{bench}/{baseline}.tsv"
    conda:
        environment("learning.yaml")
    threads: 1
    resources:
        mem_mb=per_attempt(2000),
        runtime=per_attempt(120),
    params:
        bench=lambda wildcards: bench_place(wildcards.bench),
        files=lambda wildcards: bench_files(wildcards.bench),
        code=lambda wildcards: code_of(
            "find_by_baseline.py", without=unused_by(wildcards.baseline)
        ),
    message:
        "Find regions in {wildcards.bench} with the baseline {wildcards.baseline}"
    script:
        "../scripts/find_by_baseline.py"


rule score_bench:
    input:
        bench=lambda wildcards: made_bench(wildcards.bench),
        regions="results/realbench/{bench}/{finder}/regions",
    output:
        scores="results/realbench/{bench}/{finder}/scores.tsv",
        per_song="results/realbench/{bench}/{finder}/per_song.tsv",
        reliability="results/realbench/{bench}/{finder}/reliability.tsv",
        figure=report(
            figure("results/realbench/{bench}/{finder}/reliability"),
            caption="../report/bench_reliability.rst",
            category="3. Evaluation",
            subcategory="{bench}",
        ),
    log:
        "results/logs/score_bench/{bench}/{finder}.log",
    benchmark:
        "results/benchmarks/score_bench/{bench}/{finder}.tsv"
    conda:
        environment("learning.yaml")
    threads: 1
    resources:
        mem_mb=per_attempt(1000),
        runtime=per_attempt(30),
    params:
        bench=lambda wildcards: bench_place(wildcards.bench),
        files=lambda wildcards: bench_files(wildcards.bench),
        code=lambda wildcards: code_of("score_bench.py"),
    message:
        "Score the regions that {wildcards.finder} found in {wildcards.bench}"
    script:
        "../scripts/score_bench.py"


rule compare_benches:
    input:
        scores=[
            f"results/realbench/{bench}/{finder}/scores.tsv"
            for bench in BENCHES
            for finder in FINDERS
        ],
        regions=[
            f"results/realbench/{bench}/{finder}/regions"
            for bench in BENCHES
            for finder in FINDERS
        ],
    output:
        table="results/realbench/summary.tsv",
        markdown="results/realbench/summary.md",
        page=report(
            "results/realbench/summary.html",
            caption="../report/realbench.rst",
            category="3. Evaluation",
            subcategory="real music",
        ),
    log:
        "results/logs/compare_benches.log",
    benchmark:
        "results/benchmarks/compare_benches.tsv"
    conda:
        environment("learning.yaml")
    threads: 1
    resources:
        mem_mb=per_attempt(500),
        runtime=per_attempt(10),
    params:
        rows=[[bench, finder] for bench in BENCHES for finder in FINDERS],
        code=lambda wildcards: code_of("compare_benches.py"),
    message:
        "Compare all models and baselines on real music"
    script:
        "../scripts/compare_benches.py"
