# Folders on remote storage. Compute nodes may have no network, so these are local rules.
rule fetch:
    input:
        source=lambda wildcards: storage(STORAGE["fetch"][wildcards.name]),
    output:
        folder=directory("results/storage/{name}"),
    log:
        "results/logs/fetch/{name}.log",
    benchmark:
        "results/benchmarks/fetch/{name}.tsv"
    wildcard_constraints:
        name="|".join(STORAGE["fetch"]) or "none",
    localrule: True
    conda:
        environment("audio.yaml")
    threads: 1
    resources:
        mem_mb=per_attempt(500),
        runtime=per_attempt(120),
    params:
        files=lambda wildcards: stored_files(wildcards.name),
        code=lambda wildcards: code_of("fetch_folder.py"),
    message:
        "Fetch {wildcards.name} from storage"
    script:
        "../scripts/fetch_folder.py"


if STORAGE["deliver"]:

    rule deliver:
        input:
            lambda wildcards: targets_of(wildcards.part),
        output:
            folder=storage(directory(delivered("{part}"))),
        log:
            "results/logs/deliver/{part}.log",
        benchmark:
            "results/benchmarks/deliver/{part}.tsv"
        wildcard_constraints:
            part="|".join(STORAGE["parts"]),
        localrule: True
        conda:
            environment("audio.yaml")
        threads: 1
        resources:
            mem_mb=per_attempt(500),
            runtime=per_attempt(120),
        params:
            folder=lambda wildcards: placed(f"results/{wildcards.part}"),
            code=lambda wildcards: code_of("deliver_results.py"),
        message:
            "Deliver the {wildcards.part} to storage"
        script:
            "../scripts/deliver_results.py"
