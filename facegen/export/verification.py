"""Pair lists for verification: InsightFace's .bin, an LFW-style folder with pairs.txt, BFW's data table."""

from __future__ import annotations

import pickle
from collections.abc import Iterator

from facegen.errors import DataError, RequestError
from facegen.export.job import Job, csv_bytes
from facegen.export.pairs import FOLDS, Drawn, Pair, draw
from facegen.export.selection import Row

PICKLE = 4
"""Protocol that every Python 3 since 3.4 reads."""
BFW_FOLDS = 5
BFW_WORDS = {"east_asian": "asian", "african": "black", "south_asian": "indian", "european": "white"}
"""Our ancestry presets under the names of Balanced Faces in the Wild (Robinson et al., CVPRW 2020)."""
BFW_HEADER = ("fold", "p1", "p2", "label", "id1", "id2", "att1", "att2", "a1", "a2", "g1", "g2", "e1", "e2")


def pairs_of(job: Job, folds: int, **mend: str) -> Drawn:
    """Return the job's pairs, and note how they were drawn; `mend`: as `draw` takes it."""
    asked = job.options
    count = folds if asked.folds is None else asked.folds
    drawn = draw(job.rows, count, asked.pairs, asked.cells, job.source.seed, **mend)
    job.facts.update(
        folds=len(drawn.mated),
        cells=list(drawn.cells),
        pairs_of_a_kind_in_a_fold=len(drawn.mated[0]),
        lists="non-mated pairs of one cell; the lists named cross hold the same mated pairs and non-mated ones across cells",
    )
    return drawn


def write_bin(job: Job) -> None:
    """Write pairs.bin and pairs_cross.bin: a pickle of (encoded pictures, two a pair; whether each pair is mated)."""
    drawn = pairs_of(job, FOLDS)
    used = sorted({number for pair in _all(drawn) for number in (pair.first, pair.second)})
    rows = job.rows
    data = {number: job.take(rows[number]).data for number in used}
    for name, cross in _lists(drawn):
        pairs = drawn.interleaved(cross)
        images = [data[number] for pair in pairs for number in (pair.first, pair.second)]
        job.target.write(f"pairs{name}.bin", pickle.dumps((images, [pair.mated for pair in pairs]), protocol=PICKLE))


def write_lfw(job: Job) -> None:
    """Write images/NAME/NAME_0001.jpg and pairs.txt, pairs_cross.txt: `folds pairs`, then each fold's mated and other lines."""
    drawn = pairs_of(job, FOLDS)
    rows, number = job.rows, _number_in_person(job.rows)
    for row, n in zip(rows, number, strict=True):
        picture, name = job.take(row), row["identity_id"]
        job.target.write(f"images/{name}/{name}_{n:04d}.{picture.suffix}", picture.data)

    def line(pair: Pair) -> str:
        a, b = rows[pair.first]["identity_id"], rows[pair.second]["identity_id"]
        words = (a, number[pair.first], number[pair.second]) if pair.mated else (a, number[pair.first], b, number[pair.second])
        return "\t".join(map(str, words)) + "\n"

    for name, cross in _lists(drawn):
        other = drawn.cross if cross else drawn.same
        lines = [f"{len(drawn.mated)}\t{len(drawn.mated[0])}\n"]
        lines += [line(pair) for fold in zip(drawn.mated, other, strict=True) for pairs in fold for pair in pairs]
        job.target.write(f"pairs{name}.txt", "".join(lines).encode())
    table = [
        (f"images/{r['identity_id']}/{r['identity_id']}_{n:04d}", r["image_id"], r["sex"], r["ancestry"], r["age_years"])
        for r, n in zip(rows, number, strict=True)
    ]
    job.target.write("images.csv", csv_bytes(("picture", "image_id", "sex", "ancestry", "age_years"), table))


def write_bfw(job: Job) -> None:
    """Write ATTRIBUTE/ID/IMAGE.jpg, bfw-datatable.csv (non-mated pairs within a subgroup) and bfw-cross-datatable.csv."""
    if job.options.cells != ("sex", "ancestry"):
        raise RequestError("--cells: BFW's subgroups are sex,ancestry; leave --cells out")
    rows = job.rows
    groups = [bfw_group(row, job.options.words) for row in rows]
    drawn, numbers = pairs_of(job, BFW_FOLDS, mend="a dataset of more people"), job.write_classes()
    paths = []
    for row, (group, _) in zip(rows, groups, strict=True):
        picture = job.take(row)
        paths.append(f"{group}/{row['identity_id']}/{row['image_id']}.{picture.suffix}")
        job.target.write(paths[-1], picture.data)
    for name, cross in _lists(drawn):
        table = []
        for fold, lists in enumerate(zip(drawn.mated, drawn.cross if cross else drawn.same, strict=True), start=1):
            for pair in (p for pairs in lists for p in pairs):
                two = (pair.first, pair.second)
                ids = [numbers[rows[n]["identity_id"]] for n in two]
                short = [groups[n][1] for n in two]
                names = [groups[n][0] for n in two]
                letters = [s[-1] for s in short], [s[:-1] for s in short]
                table.append((fold, *(paths[n] for n in two), int(pair.mated), *ids, *names, *short, *letters[0], *letters[1]))
        job.target.write(f"bfw{name.replace('_', '-')}-datatable.csv", csv_bytes(BFW_HEADER, table))


def bfw_group(row: Row, words: str) -> tuple[str, str]:
    """Return BFW's name of a row's subgroup and its short form: asian_females, AF; with own words the preset's name, whole."""
    ancestry, females = row["ancestry"], row["sex"] == "female"
    if words == "own":
        return f"{ancestry}_{'females' if females else 'males'}", f"{ancestry}{'F' if females else 'M'}"
    if ancestry not in BFW_WORDS:
        raise RequestError(
            f"ancestry '{ancestry}' is none of BFW's ({', '.join(sorted(BFW_WORDS))}); add --words own to write our words"
        )
    word = BFW_WORDS[ancestry]
    return f"{word}_{'females' if females else 'males'}", word[0].upper() + ("F" if females else "M")


def _lists(drawn: Drawn) -> Iterator[tuple[str, bool]]:
    yield "", False
    if drawn.cross[0]:
        yield "_cross", True


def _all(drawn: Drawn) -> Iterator[Pair]:
    for lists in (drawn.mated, drawn.same, drawn.cross):
        for pairs in lists:
            yield from pairs


def _number_in_person(rows: list[Row]) -> list[int]:
    """Return each picture's number within its person, from 1."""
    seen: dict[str, int] = {}
    numbers = []
    for row in rows:
        seen[row["identity_id"]] = seen.get(row["identity_id"], 0) + 1
        numbers.append(seen[row["identity_id"]])
    if max(numbers, default=0) > 9999:
        raise DataError("a person has more than 9999 pictures, LFW's names count to 9999")
    return numbers
