"""The arithmetic of the benchmarks, and that their clock still finds what it watches."""

from __future__ import annotations

import importlib
import os
import re
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "benchmarks"), str(ROOT / "benchmarks/peers")]

import cost_table  # noqa: E402
import kills  # noqa: E402
import memory  # noqa: E402
import runs  # noqa: E402
import stages  # noqa: E402

from facegen.errors import DataError, RequestError  # noqa: E402


def log(times, cpu=None, rss=None, floor=None):
    """A worker's log: line before each picture and one at the end."""
    return [
        {"t": t, "cpu_s": 0.0 if cpu is None else cpu[i], "rss_kb": 0, "peak_kb": 0, "stages": {"GL": [0.1 * i, 0.2 * i]},
         "floor": None if floor is None else {name: [v * i, 2 * v * i] for name, v in floor.items()}}
        for i, t in enumerate(times)
    ]  # fmt: skip


def test_slope_of_a_line_is_exact_and_its_error_is_scipys() -> None:
    from scipy.stats import linregress

    assert memory.slope(3.0 * np.arange(10) + 100) == pytest.approx((3.0, 0.0), abs=1e-9)
    values = np.random.default_rng(3).normal(0, 5, 200) + 0.25 * np.arange(200)
    theirs = linregress(np.arange(200), values)
    assert memory.slope(values) == pytest.approx((theirs.slope, theirs.stderr))


def test_growth_is_per_picture_and_leaves_the_last_part_of_a_block_out() -> None:
    rss = 2.0 * np.arange(10 * memory.BLOCK)
    assert memory.growth(rss)[0] == pytest.approx(2.0)
    assert memory.growth([*rss, 1e9])[0] == pytest.approx(2.0)
    with pytest.raises(RequestError, match="2 values have no slope"):
        memory.growth(rss[: 2 * memory.BLOCK])


def test_steady_state_is_where_every_worker_is_past_its_first_pictures() -> None:
    fast, slow = log([0, 1, 2, 3, 4, 5]), log([0, 2, 4, 6])
    assert runs.steady([fast], 1) == (4, 4)
    assert runs.steady([fast, slow], 1) == (3, 5)  # from 2 to 5: the fast one's 2, 3, 4 and the slow one's 2, 4
    with pytest.raises(RequestError, match="a worker made 3 pictures, 4 are needed"):
        runs.steady([fast, slow], 3)
    with pytest.raises(RequestError, match="a worker made 3 pictures, 4 are needed"):
        runs.per_image(slow, 3)


def test_what_is_done_again_for_the_floor_is_no_part_of_the_pipeline() -> None:
    lines = log([0, 9, 18, 27, 36], cpu=[0, 5, 10, 15, 20], floor={"draw": 0.5, "encode": 0.25, "all": 2.0})
    each = runs.per_image(lines, 1)
    assert (each["images"], each["cpu_s"], each["wall_s"]) == (3, 5, 9)
    assert each["stages"]["GL"] == pytest.approx([0.1, 0.2])
    found = runs.over_floor(each)
    assert found["pipeline_cpu_s"] == pytest.approx(3.0) and found["floor_cpu_s"] == pytest.approx(0.75)
    assert found["ratio_cpu"] == pytest.approx(4.0) and found["ratio_wall"] == pytest.approx((9 - 4) / 1.5)


def test_a_stage_within_a_stage_is_counted_once_and_threads_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    now = {"cpu": 0.0}
    monkeypatch.setattr(stages.time, "thread_time", lambda: now["cpu"])
    monkeypatch.setattr(stages.time, "perf_counter", lambda: 10 * now["cpu"])
    clock = stages.Clock()

    def passes(seconds):
        now["cpu"] += seconds

    inner = clock._timed(lambda: passes(2), "GL")

    def outside():
        passes(1)
        inner()
        passes(4)

    clock._timed(outside, "wear")()
    passes(100)  # no stage's
    assert clock.spent["GL"] == [2, 20] and clock.spent["wear"] == [5, 50]
    thread = threading.Thread(target=inner)
    thread.start()
    thread.join()
    assert clock.spent["GL"] == [4, 40] and clock.spent["wear"] == [5, 50]


def test_every_watched_function_is_there() -> None:
    """In a process of its own: the floor's names lie in modules that load OpenGL."""
    code = (
        "import floor, stages; from facegen.render import platform; platform.open_context(platform.choose(), 16); "
        "[stages.find(p) for places in stages.STAGES.values() for p in places]; "
        "[stages.find(p) for p in (*floor.PREPARED, floor.DRAWN, *floor.ENCODED)]; print('all')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT / "benchmarks", capture_output=True, text=True, env=_environment()
    )
    assert done.stdout.strip() == "all", done.stderr


def test_a_function_is_replaced_wherever_it_was_imported_by_name() -> None:
    code = (
        "import stages, facegen.run.again, facegen.run.studio, facegen.annotate.record as record; held = []; "
        "stages.replace_everywhere('facegen.annotate.record:annotate', lambda call: held.append(call) or len); "
        "print(record.annotate is len, facegen.run.studio.annotate is len, held[0].__name__)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT / "benchmarks", capture_output=True, text=True, env=_environment()
    )
    assert done.stdout.split() == ["True", "True", "annotate"], done.stderr


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])}


def test_layers_count_bytes_blocks_and_files_and_grow_in_proportion(tmp_path: Path) -> None:
    for name, size in (("images/a/1.jpg", 5000), ("images/a/2.jpg", 4096), ("labels.parquet", 10)):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"x" * size)
    held = cost_table.layers(tmp_path)
    assert held == {"images": cost_table.Layer(9096, 12288, 2), "labels.parquet": cost_table.Layer(10, 4096, 1)}
    (tmp_path / "manifest.json").write_bytes(b"x" * 20)
    cost = cost_table.cost(0.36, {n: v for n, v in cost_table.layers(tmp_path).items() if n != "labels.parquet"}, 2, 1e6)
    assert cost["cpu_hours"] == pytest.approx(100) and cost["days_2_cores"] == pytest.approx(50 / 24)
    assert (cost["bytes"], cost["on_disk"], cost["files"]) == (4_548_000_020, 6_144_004_096, 1_000_001)
    assert cost_table.readable(4.548e9) == "4.55 GB"


def test_a_file_that_is_no_timing_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text("[1]")
    for path in (tmp_path / "x.json", tmp_path / "none.json"):
        with pytest.raises(DataError, match=r"holds no figures of hot_path.py; make it with"):
            cost_table.timing(path)


def test_kills_are_drawn_by_seed_in_the_order_of_the_pictures() -> None:
    plan = kills.schedule(50, 2000, 1)
    assert plan == kills.schedule(50, 2000, 1) != kills.schedule(50, 2000, 2)
    at = [n for n, _, _ in plan]
    assert at == sorted(at) and 0 <= at[0] and at[-1] < 2000 * kills.LAST
    assert sum(parent for _, parent, _ in plan) == 15


def test_trees_differ_by_name_and_by_content() -> None:
    assert kills.differences({"a": "1", "b": "2"}, {"a": "1", "b": "3", "c": "4"}) == ["b", "c"]
    assert kills.differences({"a": "1"}, {"a": "1"}) == []


def test_kills_of_a_run_with_the_fake_studio_leave_the_same_tree(tmp_path: Path) -> None:
    """Whole: started, killed, started again, compared."""
    out = tmp_path / "kills.json"
    command = [
        sys.executable,
        "kills.py",
        "--fake",
        "--kills",
        "2",
        "--images",
        "20",
        "--workers",
        "1",
        "--seed",
        "4",
        "--json",
        str(out),
    ]
    done = subprocess.run(command, cwd=ROOT / "benchmarks", capture_output=True, text=True, env=_environment())
    kills = re.search(r"([0-9]) of 2 kills", done.stdout)  # so short a run may be over before the second
    assert kills is not None and int(kills[1]) >= 1, done.stdout + done.stderr
    assert ", 0 differ" in done.stdout
    assert done.returncode == (0 if kills[1] == "2" else 1)


def test_the_peers_table_compares_each_scene_with_ours() -> None:
    bench = importlib.import_module("bench")
    rows = [
        bench.Row("ours", "bare", [0.1], [0.02, 0.01, 0.03], 1.0),
        bench.Row("ours", "full", [0.2], [0.1], 1.0),
        bench.Row("Cycles", "bare 64", [1.0], [1.9], 0.99),
        bench.Row("Cycles", "full 64", [1.0], [4.0], 0.98),
        bench.Row("EEVEE", "bare 64"),
    ]
    found = {f"{row['renderer']} {row['variant']}": row for row in bench.table(rows)}
    assert "EEVEE bare 64" not in found
    assert found["Cycles bare 64"]["times_ours_cpu"] == pytest.approx(95) and found["Cycles bare 64"]["met"] is False
    assert found["Cycles full 64"]["times_ours_cpu"] == pytest.approx(40) and found["Cycles full 64"]["bar"] is None
    assert "| 95.0 |" in bench.text(bench.table(rows)) and "MISS, bar 100" in bench.text(bench.table(rows))
    assert bench.iou(np.array([1, 1, 0], bool), np.array([0, 1, 1], bool)) == pytest.approx(1 / 3)
