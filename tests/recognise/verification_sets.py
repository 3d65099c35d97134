"""Small verification sets with their pictures, each laid out as its authors hand it on."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np

from facegen.sensor.codec import encode_png

PX = 112


def face(number: int, size: int = PX) -> np.ndarray:
    """Return the RGB picture of this number: noise, the same for the same number."""
    return np.random.default_rng(number).integers(0, 256, (size, size, 3), np.uint8)


def put(file: Path, number: int, size: int = PX) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(encode_png(face(number, size)))


def lfw(folder: Path, form: str = "{p}/{p}_{n:04d}.png", inside: str = "images", size: int = PX) -> Path:
    """Two parts of two mated and two non-mated pairs of Ann_A, Bob_B and Cy_C."""
    for number, (p, n) in enumerate([("Ann_A", 1), ("Ann_A", 2), ("Ann_A", 3), ("Bob_B", 1), ("Bob_B", 2), ("Cy_C", 1)]):
        put(folder / inside / form.format(p=p, n=n), number, size)
    part = ["Ann_A\t1\t2", "Bob_B\t1\t2", "Ann_A\t1\tBob_B\t1", "Ann_A\t2\tCy_C\t1"]
    other = ["Ann_A\t1\t3", "Ann_A\t2\t3", "Cy_C\t1\tBob_B\t1", "Ann_A\t3\tCy_C\t1"]
    (folder / "pairs.txt").write_text("\n".join(["2\t2", *part, *other]) + "\n")
    return folder


def cplfw(folder: Path) -> Path:
    """Two lines a pair, pictures in one folder."""
    for number, name in enumerate(("A_B_1", "A_B_2", "C_D_1")):
        put(folder / "images" / f"{name}.jpg", number)
    (folder / "pairs_CPLFW.txt").write_text("A_B_1.jpg 1\nA_B_2.jpg 1\nA_B_1.jpg 0\nC_D_1.jpg 0\n")
    return folder


def rfw(folder: Path, races: tuple[str, ...] = ("African", "Asian", "Caucasian", "Indian")) -> Path:
    for k, race in enumerate(races):
        for j, (p, n) in enumerate([("m.01", 1), ("m.01", 2), ("m.02", 1)]):
            put(folder / "data" / race / p / f"{p}_{n:04d}.jpg", 10 * k + j, 96)
        file = folder / "txts" / race / f"{race}_pairs.txt"
        file.parent.mkdir(parents=True)
        file.write_text("m.01\t1\t2\nm.01\t1\tm.02\t1\n")
    return folder


def bfw(folder: Path) -> Path:
    rows = ["fold,p1,p2,label,id1,id2,att1,att2"]
    faces = {"asian_females/n1/a.jpg": (0, "asian_females"), "asian_females/n1/b.jpg": (0, "asian_females"),
             "white_males/n2/a.jpg": (1, "white_males")}  # fmt: skip
    for number, name in enumerate(faces):
        put(folder / "faces" / name, number, 80)
    for fold, (a, b) in enumerate([(0, 1), (0, 2), (1, 2)], start=1):
        one, two = list(faces)[a], list(faces)[b]
        (i, g), (j, h) = faces[one], faces[two]
        rows.append(f"{fold},{one},{two},{int(i == j)},{i},{j},{g},{h}")
    (folder / "bfw-v0.1.5-datatable.csv").write_text("\n".join(rows) + "\n")
    return folder


def ijb(folder: Path, points: bool = True) -> Path:
    """Three subjects; template 1 has a still and two frames of one video."""
    faces = [("1.jpg", 1, 100), ("2.jpg", 1, 200), ("3.jpg", 1, 200), ("4.jpg", 2, 300), ("5.jpg", 7, 400), ("6.jpg", 9, 500)]
    meta = folder / "meta"
    meta.mkdir(parents=True)
    for number, (name, _, _) in enumerate(faces):
        put(folder / "loose_crop" / name, number, 150)
    (meta / "ijbx_face_tid_mid.txt").write_text("".join(f"{n} {t} {m}\n" for n, t, m in faces))
    (meta / "ijbx_template_pair_label.txt").write_text("1 2 1\n1 7 0\n2 9 0\n")
    head = "TEMPLATE_ID,SUBJECT_ID,FILENAME\n"
    (meta / "ijbx_1N_gallery_G1.csv").write_text(head + "1,50,img/1.jpg\n1,50,frames/2.jpg\n7,60,img/5.jpg\n")
    (meta / "ijbx_1N_probe_mixed.csv").write_text(head + "2,50,img/4.jpg\n9,70,img/6.jpg\n")
    if points:
        line = "38.2946 51.6963 73.5318 51.5014 56.0252 71.7366 41.5493 92.3655 70.7299 92.2041"
        (meta / "ijbx_name_5pts_score.txt").write_text("".join(f"{n} {line} 0.99\n" for n, _, _ in faces))
    return folder


def bin_(file: Path, pairs: int = 20, size: int = PX, protocol: int = 4) -> Path:
    """`pairs` pairs, mated and non-mated in turn; picture 0 is in every mated one."""
    mated = [k % 2 == 0 for k in range(pairs)]
    pictures = [encode_png(face(n, size)) for k in range(pairs) for n in ((0, k + 1) if mated[k] else (k + 1, k + 100))]
    file.write_bytes(pickle.dumps((pictures, mated), protocol=protocol))
    return file
