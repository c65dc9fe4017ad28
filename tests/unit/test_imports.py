import json
import pkgutil
import subprocess
import sys

import deep_plunder

HEAVY = ["av", "keras", "librosa", "matplotlib.pyplot", "mir_eval", "numba", "pandas",
         "scipy.signal", "sklearn", "tensorflow"]  # fmt: skip

# Each module is imported as if it were the first of the package, after the cheap ones that all
# may use, and then taken out again with whatever it brought.
SCRIPT = """
import importlib, json, sys
import numpy, soundfile, soxr
clean = set(sys.modules)
heavy, brought = json.loads(sys.argv[1]), {}
for name in json.loads(sys.argv[2]):
    importlib.import_module(name)
    brought[name] = sorted(set(heavy) & set(sys.modules))
    for module in set(sys.modules) - clean:
        if module.split(".")[0] == "deep_plunder":
            del sys.modules[module]
    for module in [m for h in brought[name] for m in sys.modules if m.split(".")[0] == h]:
        sys.modules.pop(module, None)
print(json.dumps(brought))
"""


def test_no_module_imports_what_only_some_of_its_users_need():
    names = ["deep_plunder"] + [
        module.name for module in pkgutil.walk_packages(deep_plunder.__path__, "deep_plunder.")
    ]
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, json.dumps(HEAVY), json.dumps(names)],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    brought = json.loads(done.stdout)
    assert len(brought) == len(names) > 10
    assert {name: modules for name, modules in brought.items() if modules} == {}
