# The public corpus. Packages are kept in results/corpus/packages, which is no output of a rule, so
# that packages that are there and unaltered are not downloaded again.


# Compute nodes may have no network.
localrules:
    gather_packages,


rule gather_packages:
    output:
        table="results/corpus/packages_{part}.tsv",
    log:
        "results/logs/gather_packages/{part}.log",
    benchmark:
        "results/benchmarks/gather_packages/{part}.tsv"
    wildcard_constraints:
        part="library|songs|modules|games|solos",
    conda:
        environment("audio.yaml")
    threads: 1
    resources:
        mem_mb=per_attempt(1000),
        runtime=per_attempt(120),
    params:
        table=lambda wildcards: CORPUS_TABLE,
        packages=lambda wildcards: packages_of(wildcards.part),
        code=lambda wildcards: code_of("gather_packages.py"),
    message:
        "Obtain the packages of the corpus's {wildcards.part}"
    script:
        "../scripts/gather_packages.py"


rule gather_library:
    input:
        table="results/corpus/packages_library.tsv",
    output:
        folder=directory("results/corpus/library"),
        licences=directory("results/corpus/licences/library"),
    log:
        "results/logs/gather_library.log",
    benchmark:
        "results/benchmarks/gather_library.tsv"
    conda:
        environment("audio.yaml")
    threads: 1
    resources:
        mem_mb=per_attempt(2000),
        runtime=per_attempt(60),
    params:
        code=lambda wildcards: code_of("gather_library.py"),
    message:
        "Make one-shots of the packages' soundfonts, drum kits and samples"
    script:
        "../scripts/gather_library.py"


rule gather_songs:
    input:
        table="results/corpus/packages_songs.tsv",
    output:
        folder=directory("results/corpus/songs"),
        licences=directory("results/corpus/licences/songs"),
        playlist="results/corpus/playlist.txt",
    log:
        "results/logs/gather_songs.log",
    benchmark:
        "results/benchmarks/gather_songs.tsv"
    conda:
        environment("audio.yaml")
    threads: 1
    resources:
        mem_mb=per_attempt(1000),
        runtime=per_attempt(30),
    params:
        code=lambda wildcards: code_of("gather_songs.py"),
    message:
        "Copy the songs from the packages of games"
    script:
        "../scripts/gather_songs.py"


rule gather_modules:
    input:
        table="results/corpus/packages_{part}.tsv",
    output:
        folder=directory("results/corpus/{part}"),
        licences=directory("results/corpus/licences/{part}"),
    log:
        "results/logs/gather_{part}.log",
    benchmark:
        "results/benchmarks/gather_{part}.tsv"
    wildcard_constraints:
        part="modules|games",
    conda:
        environment("audio.yaml")
    threads: 1
    resources:
        mem_mb=per_attempt(1000),
        runtime=per_attempt(30),
    params:
        code=lambda wildcards: code_of("gather_modules.py"),
    message:
        "Copy the tracker modules ({wildcards.part}) from the packages of games"
    script:
        "../scripts/gather_modules.py"


rule gather_solos:
    input:
        table="results/corpus/packages_solos.tsv",
    output:
        folder=directory("results/corpus/solos"),
        licences=directory("results/corpus/licences/solos"),
    log:
        "results/logs/gather_solos.log",
    benchmark:
        "results/benchmarks/gather_solos.tsv"
    conda:
        environment("audio.yaml")
    threads: 1
    resources:
        mem_mb=per_attempt(1000),
        runtime=per_attempt(30),
    params:
        code=lambda wildcards: code_of("gather_solos.py"),
    message:
        "Copy recorded bands and solo phrases from packages"
    script:
        "../scripts/gather_solos.py"
