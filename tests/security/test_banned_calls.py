"""Data is data: facegen/ neither runs nor unpickles nor unpacks what it reads."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from source_names import Names

PACKAGE = Path(__file__).parents[2] / "facegen"
BANNED = (
    "pickle.load", "pickle.loads", "pickle.Unpickler", "marshal.load", "marshal.loads", "shelve.open", "joblib.load",
    "yaml.load_all", "yaml.unsafe_load", "yaml.full_load", "os.system", "os.popen", "subprocess.getoutput",
    "subprocess.getstatusoutput", "shutil.unpack_archive", "minidom.parse", "numpy.loadtxt", "numpy.genfromtxt",
    "pandas.read_pickle", "pandas.eval", "pandas.read_csv", "pandas.read_parquet", "pandas.read_json", "pandas.read_xml",
    "pandas.read_html",
)  # fmt: skip
"""Calls by the end of their dotted name. The readers of pandas guess formats, follow addresses and know no limit."""
ALONE = ("eval", "exec", "compile", "__import__")
"""Functions of the language; a method of that name is another thing."""
METHODS = ("extract", "extractall")
_ARRAYS = ("guard.py", "head/basis.py", "wear/hands/rig.py")
ELSEWHERE = {
    "pickle": ("export/verification.py",), "tarfile": ("export/webdataset.py", "dataset/tars.py"),
    "zipfile": _ARRAYS, "numpy.load": _ARRAYS, "torch.load": ("recognise/train/checkpoint.py",),
    "yaml.load": ("spec/reading.py",), "importlib.import_module": ("run/worker.py",),
}  # fmt: skip
"""Modules and calls that have a place, and which."""


def ends(name: str, banned: str) -> bool:
    return name == banned or name.endswith("." + banned)


def offences(source: str, inside: str) -> list[str]:
    """Return what `source` does that reads data as more than data."""
    found: list[str] = []
    tree = ast.parse(source)
    names_of = Names(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else [str(node.module)]
            found += [n for n in names if n in ELSEWHERE and inside not in ELSEWHERE[n]]
            found += [
                n for n in names if n.split(".")[0] in ("xml", "lxml", "marshal", "shelve", "dill") and n != "xml.sax.saxutils"
            ]
        if not isinstance(node, ast.Call):
            continue
        name = names_of.last(node.func)
        found += [name for banned in BANNED if ends(name, banned)]
        found += (
            [name]
            if name in ALONE or ("." in name and name.rpartition(".")[2] in METHODS and not name.startswith("facegen."))
            else []
        )
        found += [name for place, where in ELSEWHERE.items() if ends(name, place) and inside not in where]
        words = {word.arg: word.value for word in node.keywords}
        if isinstance(words.get("shell"), ast.Constant) and words["shell"].value:
            found.append(f"{name}(shell=True)")
        if ends(name, "numpy.load") and not (
            isinstance(words.get("allow_pickle"), ast.Constant) and words["allow_pickle"].value is False
        ):
            found.append(f"{name} without allow_pickle=False")
        if ends(name, "torch.load") and not (
            isinstance(words.get("weights_only"), ast.Constant) and words["weights_only"].value is True
        ):
            found.append(f"{name} without weights_only=True")
    return found


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda p: p.relative_to(PACKAGE).as_posix())
def test_nothing_reads_data_as_more_than_data(path: Path) -> None:
    assert offences(path.read_text(), path.relative_to(PACKAGE).as_posix()) == []


@pytest.mark.parametrize(
    "source",
    [
        "eval(text)", "exec(text)", "import pickle", "import tarfile", "tar.extractall(out)", "tar.extract(one)",
        "import os\nos.system(text)", "import subprocess\nsubprocess.run(text, shell=True)",
        "import yaml\nyaml.load(text, Loader=yaml.Loader)", "import xml.etree.ElementTree",
        "import numpy as np\nnp.load(path)", "import numpy as np\nnp.load(path, allow_pickle=True)",
        "import pandas as pd\npd.read_pickle(path)", "import pandas as pd\npd.read_csv(path)",
        "from numpy import load\nload(path, allow_pickle=True)", "from os import system as run\nrun(text)",
        "from yaml import load\nload(text, Loader)", "from pickle import loads\nloads(data)",
        "import pandas\npandas.read_csv(path)",
        "import importlib\nimportlib.import_module(text)", "import torch\ntorch.load(path, weights_only=True)",
    ],
)  # fmt: skip
def test_the_lint_finds(source: str) -> None:
    assert offences(source, "dataset/read.py")


def test_the_one_torch_load_takes_weights_only() -> None:
    source = "import torch\ntorch.load(path, weights_only={})"
    inside = "recognise/train/checkpoint.py"
    assert offences(source.format(True), inside) == [] != offences(source.format(False), inside)


def test_the_only_pickle_is_written() -> None:
    inside = "export/verification.py"
    for source in ("import pickle\npickle.dumps(x)", "from pickle import dumps\ndumps(x)"):
        assert offences(source, inside) == []
    for source in ("import pickle\npickle.loads(x)", "from pickle import loads\nloads(x)", "import pickle as p\np.Unpickler(x)"):
        assert offences(source, inside)
