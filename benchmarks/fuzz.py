"""Coverage-guided fuzzing of the readers of specs and samples, with atheris (libFuzzer): pip install atheris==3.0.0.

    python benchmarks/fuzz.py spec|sample|mapping [libFuzzer options, for example -max_total_time=300]

Every input must end as a valid value or as a FacegenError of one line; libFuzzer keeps what does otherwise beside the corpus, in
out/fuzz. The tests in tests/security try mutants of good files without it.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import atheris

with atheris.instrument_imports(include=["facegen", "yaml"]):
    from facegen.audit.sets.mapping import Mapping
    from facegen.errors import FacegenError
    from facegen.population.plan import build
    from facegen.run.again import read_sample
    from facegen.spec import DatasetSpec

ROOT = Path(__file__).parents[1]
READERS: dict[str, Callable[[Path], Any]] = {"spec": DatasetSpec.load, "sample": read_sample, "mapping": Mapping.load}


def seeds(name: str) -> list[bytes]:
    """Return good files to start from."""
    if name == "sample":
        plan = build(DatasetSpec.load(ROOT / "pipelines/demo.yaml"))
        return [plan.sample(n).model_dump_json().encode() for n in range(4)]
    return [path.read_bytes() for path in sorted((ROOT / "pipelines").glob("*.yaml"))]


def main() -> None:
    name, options = sys.argv[1], sys.argv[2:]
    read, corpus = READERS[name], ROOT / "out/fuzz" / name
    corpus.mkdir(parents=True, exist_ok=True)
    for number, data in enumerate(seeds(name)):
        (corpus / f"seed-{number}").write_bytes(data)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "file"

        def once(data: bytes) -> None:
            file.write_bytes(data)
            try:
                read(file)
            except FacegenError as error:
                if not str(error).isprintable():
                    raise AssertionError("more than one line") from error

        atheris.Setup([sys.argv[0], f"-artifact_prefix={corpus.parent}/", "-timeout=60", *options, str(corpus)], once)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
