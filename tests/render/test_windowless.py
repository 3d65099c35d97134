"""pyrender is loaded without its window, and with it without pyglet, X11 and GLU."""

import subprocess
import sys

CODE = """
import sys
sys.modules["pyglet"] = None  # as on a machine without it: importing it fails
import facegen.render.frame_block, pyrender
{}
"""


def run(then: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", CODE.format(then)], capture_output=True, text=True)


def test_pyrender_is_imported_without_pyglet() -> None:
    done = run("print(pyrender.IntrinsicsCamera(1, 1, 1, 1).fx)")
    assert done.returncode == 0, done.stderr
    assert float(done.stdout) == 1.0


def test_its_viewer_says_why_it_is_not_there() -> None:
    done = run("pyrender.Viewer(None)")
    assert done.returncode == 1
    assert "import pyrender before facegen" in done.stderr


def test_pyrender_loaded_before_us_keeps_its_own() -> None:
    ours = "import facegen.render; print('pyrender.viewer' in sys.modules)"
    code = f"import sys, types; sys.modules['pyrender'] = types.ModuleType('pyrender'); {ours}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == "False", done.stderr
