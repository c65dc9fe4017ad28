"""The names that a configuration may give to models, benches and folders."""

from __future__ import annotations

import re
from typing import Annotated

from deep_plunder.util.bounds import Must

__all__ = ["Name"]

_NAME = re.compile(r"(?!(?i:con|prn|aux|nul|(com|lpt)[0-9])$)[A-Za-z0-9][A-Za-z0-9_-]*")

Name = Annotated[
    str,
    Must(
        lambda name: _NAME.fullmatch(name) is not None,
        "a name is made of letters, digits, _ and -",
        {"pattern": f"^{_NAME.pattern}$"},
    ),
]
