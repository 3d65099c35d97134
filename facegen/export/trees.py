"""Plain folders by split: an ImageFolder, FairFace's pictures and CSV, 300-W's pictures and .pts files."""

from __future__ import annotations

from facegen.errors import RequestError
from facegen.export.job import Job, csv_bytes
from facegen.export.record import LEFT_OUT, points68, record
from facegen.export.selection import Row

FAIRFACE_WORDS = {
    "european": "White", "african": "Black", "latin_american": "Latino_Hispanic", "east_asian": "East Asian",
    "southeast_asian": "Southeast Asian", "south_asian": "Indian", "west_asian": "Middle Eastern",
}  # fmt: skip
"""Our ancestry presets under FairFace's seven names (Karkkainen and Joo, WACV 2021)."""
FAIRFACE_AGES = ((3, "0-2"), *((top, f"{low}-{top - 1}") for low, top in ((3, 10), *((n, n + 10) for n in range(10, 70, 10)))))
FAIRFACE_OLDEST = "more than 70"
FAIRFACE_HEADER = ("file", "age", "gender", "race", "service_test")


def write_folders(job: Job) -> None:
    """Write PART/IDENTITY/IMAGE.jpg (layers: LAYER/PART/IDENTITY/IMAGE.png), labels.csv and classes.csv."""
    numbers = job.write_classes()
    table: list[list[object]] = []
    header: list[str] = []
    for part, rows in job.parts.items():
        for row in rows:
            picture, stem = job.take(row), f"{part}/{row['identity_id']}/{row['image_id']}"
            job.target.write(f"{stem}.{picture.suffix}", picture.data)
            for layer in job.options.layers:
                suffix, data = job.pictures.layer(layer, row)
                job.target.write(f"{layer}/{stem}.{suffix}", data)
            flat = {name: value for name, value in record(row, job.pictures).items() if not isinstance(value, list)}
            flat = {"path": f"{stem}.{picture.suffix}", "label": numbers[row["identity_id"]], **flat}
            header = header or list(flat)
            table.append([flat.get(name) for name in header])
    job.target.write("labels.csv", csv_bytes(header, table))
    job.facts.update(classes=len(numbers), left_out=list(LEFT_OUT))


def write_fairface(job: Job) -> None:
    """Write PART/N.jpg and fairface_label_PART.csv; N counts from 1 in the order of the table, images.csv says who N is."""
    origin = []
    for part, rows in job.parts.items():
        races = [fairface_race(row, job.options.words) for row in rows]
        table = []
        for number, (row, race) in enumerate(zip(rows, races, strict=True), start=1):
            picture = job.take(row)
            file = f"{part}/{number}.{picture.suffix}"
            job.target.write(file, picture.data)
            table.append((file, fairface_age(row["age_years"]), row["sex"].capitalize(), race, False))
            origin.append((file, row["image_id"], row["identity_id"], row["age_years"], row["ancestry"]))
        job.target.write(f"fairface_label_{part}.csv", csv_bytes(FAIRFACE_HEADER, table))
    job.target.write("images.csv", csv_bytes(("file", "image_id", "identity_id", "age_years", "ancestry"), origin))


def write_300w(job: Job) -> None:
    """Write PART/IMAGE.jpg and PART/IMAGE.pts beside it: 68 points, the middle of the top-left pixel is (1, 1)."""
    for part, rows in job.parts.items():
        for row in rows:
            picture = job.take(row)
            job.target.write(f"{part}/{row['image_id']}.{picture.suffix}", picture.data)
            lines = "".join(f"{x:.4f} {y:.4f}\n" for x, y in points68(row, job.pictures) + 0.5)
            job.target.write(f"{part}/{row['image_id']}.pts", f"version: 1\nn_points: 68\n{{\n{lines}}}\n".encode())


def fairface_age(years: float) -> str:
    """Return FairFace's word for an age: 0-2, 3-9, 10-19 ... 60-69, more than 70."""
    return next((word for top, word in FAIRFACE_AGES if years < top), FAIRFACE_OLDEST)


def fairface_race(row: Row, words: str) -> str:
    """Return FairFace's word for the row's ancestry preset, or the preset's own name."""
    ancestry = str(row["ancestry"])
    if words == "own":
        return ancestry
    if ancestry not in FAIRFACE_WORDS:
        known = ", ".join(sorted(FAIRFACE_WORDS))
        raise RequestError(f"ancestry '{ancestry}' has no word in FairFace's list ({known}); add --words own to write our words")
    return FAIRFACE_WORDS[ancestry]
