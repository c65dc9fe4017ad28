# Tracker modules. Each is rendered channel by channel to find where one of its notes is alone.
rule scan_modules:
    input:
        made=made_module_folders,
    output:
        folder=directory("results/modules/parts/{shard}"),
    log:
        "results/logs/scan_modules/{shard}.log",
    benchmark:
        "results/benchmarks/scan_modules/{shard}.tsv"
    conda:
        environment("audio.yaml")
    threads: 1
    resources:
        mem_mb=per_attempt(2000),
        runtime=per_attempt(240),
    params:
        folders=lambda wildcards: [found(folder) for folder in MODULE_FOLDERS],
        part=lambda wildcards: [int(wildcards.shard), config["modules"]["shards"]],
        versions=MODULE_VERSIONS,
        files=module_files,
        code=lambda wildcards: code_of("scan_modules.py"),
    message:
        "Render the tracker modules channel by channel (shard {wildcards.shard})"
    script:
        "../scripts/scan_modules.py"


rule modules:
    input:
        parts=MODULE_PARTS,
    output:
        modules="results/modules/modules.tsv",
        rejected="results/modules/rejected.tsv",
    log:
        "results/logs/modules.log",
    benchmark:
        "results/benchmarks/modules.tsv"
    conda:
        environment("audio.yaml")
    threads: 1
    resources:
        mem_mb=per_attempt(500),
        runtime=per_attempt(10),
    params:
        code=lambda wildcards: code_of("list_modules.py"),
    message:
        "List the usable tracker modules"
    script:
        "../scripts/list_modules.py"
