"""Versions of code: what changes them, and what does not."""

import re
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

from deep_plunder.errors import InputError
from deep_plunder.util.code_version import _PACKAGE, _closure, code_version

FILES = {
    "__init__.py": '__version__ = "1"\n',
    "base.py": "def one() -> int:\n    return 1\n",
    "middle.py": "from .base import one\n\n\ndef two():\n    return one() + one()\n",
    "top.py": "def three():\n    from .middle import two\n\n    return two() + 1\n",
    "alone.py": "X = 1\n",
    "figures/__init__.py": "",
    "figures/lines.py": "from ..base import one\nfrom . import style\n",
    "figures/style.py": "COLOUR = 'green'\n",
}


@pytest.fixture
def package(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        path = tmp_path / "pack" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path / "pack"


def modules_of(*modules: str, scripts: Sequence[Path] = (), package: Path = _PACKAGE) -> list[str]:
    """Name the modules of the package that a version depends on."""
    return [
        ".".join(path.relative_to(package).with_suffix("").parts)
        for path in _closure(modules, scripts, package)
        if path.is_relative_to(package)
    ]


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_imports_are_followed_wherever_they_stand(package: Path) -> None:
    assert modules_of("top", package=package) == ["base", "middle", "top"]
    assert modules_of("figures.lines", package=package) == [
        "base",
        "figures.__init__",
        "figures.lines",
        "figures.style",
    ]


@pytest.mark.parametrize("name", ["base.js", "base.part.css"])
def test_scripts_and_styles_beside_a_module_count_with_it(package: Path, name: str) -> None:
    before = [code_version(module, package=package) for module in ("middle", "alone")]
    (package / name).write_text("let one = 1;")
    added = [code_version(module, package=package) for module in ("middle", "alone")]
    (package / name).write_text("let one = 2;")
    edited = [code_version(module, package=package) for module in ("middle", "alone")]
    assert len({before[0], added[0], edited[0]}) == 3
    assert before[1] == added[1] == edited[1]


def test_an_edit_changes_the_versions_of_the_users_alone(package: Path) -> None:
    names = ("top", "middle", "base", "alone", "figures.lines")
    before = {name: code_version(name, package=package) for name in names}
    edit(package / "middle.py", "one() + one()", "2 * one()")
    after = {name: code_version(name, package=package) for name in names}
    assert {name for name in names if before[name] != after[name]} == {"top", "middle"}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("def one() -> int:\n", "# why\ndef one() -> int:\n"),
        ("def one() -> int:\n", 'def one() -> int:\n    """Say one."""\n'),
        ("    return 1", "\n    return (1)  # one"),
    ],
)
def test_comments_docstrings_and_layout_change_none(package: Path, old: str, new: str) -> None:
    before = code_version("top", package=package)
    edit(package / "base.py", old, new)
    assert code_version("top", package=package) == before


def test_the_description_of_a_setting_changes_none(package: Path) -> None:
    """Description, unit and source stand in the docstring below a field; its bounds do not."""
    setting = 'class Spec:\n    hop: Annotated[int, Ge(16)] = 512\n    """Step. Unit: samples."""\n'
    (package / "base.py").write_text(setting)
    before = code_version("top", package=package)
    edit(package / "base.py", "Step. Unit: samples.", "Frame step. Unit: s. Source: ours.")
    assert code_version("top", package=package) == before
    edit(package / "base.py", "512", "256")
    assert code_version("top", package=package) != before


def test_no_description_of_ours_is_part_of_a_version(tmp_path: Path) -> None:
    copy = tmp_path / _PACKAGE.name
    shutil.copytree(_PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    before = code_version("config.definition", package=copy)
    edited = 0
    for path in copy.rglob("spec.py"):
        text = path.read_text(encoding="utf-8")
        path.write_text(re.sub(r'(?m)^    """(?=\w)', '    """Really: ', text), encoding="utf-8")
        edited += text.count('    """')
    assert edited > 150
    assert code_version("config.definition", package=copy) == before


def test_a_docstring_alone_in_a_body_is_as_none(package: Path) -> None:
    edit(
        package / "alone.py", "X = 1\n", '"""Task."""\n\nclass Error(Exception):\n    """Say."""\n'
    )
    before = code_version("alone", package=package)
    edit(package / "alone.py", "Say.", "Say something else.")
    assert code_version("alone", package=package) == before


@pytest.mark.parametrize(
    ("module", "counted"),
    [
        ("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from .alone import X\n", False),
        ("import typing\nif typing.TYPE_CHECKING:\n    from .alone import X\n", False),
        ("if TYPE_CHECKING:\n    pass\nelse:\n    from .alone import X\n", True),
        ("if not TYPE_CHECKING:\n    from .alone import X\n", True),
        ("if ready:\n    from .alone import X\n", True),
    ],
)
def test_imports_for_type_checkers_do_not_count(package: Path, module: str, counted: bool) -> None:
    (package / "typed.py").write_text(module)
    assert ("alone" in modules_of("typed", package=package)) is counted


def test_what_is_left_out_takes_along_only_what_no_other_module_imports(package: Path) -> None:
    assert "figures.style" in modules_of("figures.lines", package=package)
    found = _closure(["figures.lines"], [], package, ["figures.style", "middle"])
    assert [path.stem for path in found] == ["base", "__init__", "lines"]
    assert [path.stem for path in _closure(["top"], [], package, ["middle"])] == ["top"]
    before = code_version("top", without=["middle"], package=package)
    edit(package / "base.py", "return 1", "return 2")
    assert code_version("top", without=["middle"], package=package) == before


def test_the_packages_own_version_changes_none(package: Path) -> None:
    before = code_version("top", package=package)
    edit(package / "__init__.py", '"1"', '"2"')
    assert code_version("top", package=package) == before


def test_scripts_and_what_they_import(package: Path) -> None:
    script, helper = package.parent / "script.py", package.parent / "job.py"
    script.write_text("from job import run\n\ndef main():\n    from pack.middle import two\n")
    helper.write_text("from pack.alone import X\n")
    assert modules_of(scripts=[script], package=package) == ["alone", "base", "middle"]
    before = code_version(scripts=[script], package=package)
    edit(helper, "X", "X as Y")
    assert code_version(scripts=[script], package=package) != before


def test_what_does_not_exist(package: Path) -> None:
    with pytest.raises(InputError, match="has no module 'nothing'"):
        code_version("nothing", package=package)
    with pytest.raises(InputError, match="there is no such script"):
        code_version(scripts=[package / "nothing.py"], package=package)
    (package / "broken.py").write_text("def (")
    with pytest.raises(InputError, match="is not Python"):
        code_version("broken", package=package)


def test_the_order_of_names_changes_nothing(package: Path) -> None:
    first = code_version("alone", "base", package=package)
    assert first == code_version("base", "alone", package=package)


def test_our_scripts_use_no_more_than_their_stage() -> None:
    scripts = Path(__file__).resolve().parents[3] / "workflow" / "scripts"

    def used(name: str) -> set[str]:
        return set(modules_of(scripts=[scripts / name]))

    assert "training.train" not in used("render_mixes.py")
    assert "models.registry" not in used("compute_features.py")
    # What is made of a model's outputs is chosen and changed after it is trained.
    decoding = {
        f"decoding.{name}" for name in ("calibration", "decode", "paper", "refine", "regions")
    }
    after_training = decoding | {"evaluation.evaluate", "models.detect", "models.inference"}
    assert not after_training & used("train_model.py")
    assert not after_training & used("draw_losses.py")
    assert after_training - {"evaluation.evaluate"} <= used("extract_clips.py")
    assert not {"decoding.decode", "models.registry"} & used("render_modules.py")
    assert not {"decoding.decode", "models.registry"} & used("score_bench.py")
    assert "models.registry" in used("train_model.py") & used("evaluate_model.py")
    assert {"evaluation.summary", "extraction.clips_page"} <= used("write_report_pages.py")
