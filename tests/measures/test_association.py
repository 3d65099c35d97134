"""Association measures against SciPy, by hand, and against permutations drawn one by one."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import contingency

from facegen.measures.association import Clusters, associate, cramers_v, cramers_v_clustered, ducher, local_z
from facegen.measures.independence import binned, independence


def crossed(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return pd.crosstab(pd.Series(a), pd.Series(b)).to_numpy()


def test_against_scipy() -> None:
    table = np.array([[10, 20, 30], [25, 15, 5]])
    assert cramers_v(table)[0] == pytest.approx(contingency.association(table, method="cramer"))


def test_extremes() -> None:
    assert cramers_v([[10, 0], [0, 10]]) == pytest.approx((1.0, 1.0), abs=0.03)
    assert cramers_v([[10, 10], [10, 10]]) == (0.0, 0.0)
    assert cramers_v([[10, 10, 0], [10, 10, 0], [0, 0, 0]]) == (0.0, 0.0)
    assert cramers_v([[5, 6]]) == (0.0, 0.0)
    assert cramers_v(np.zeros((2, 2))) == (0.0, 0.0)
    assert cramers_v_clustered([], [], []) == (0.0, 0.0)
    assert cramers_v_clustered(["a", "b"], ["x", "x"], [0, 1]) == (0.0, 0.0)


def test_correction_removes_the_bias_of_small_samples() -> None:
    rng = np.random.default_rng(0)
    plain, corrected = [], []
    for _ in range(200):
        table = np.zeros((6, 8))
        np.add.at(table, (rng.integers(0, 6, 60), rng.integers(0, 8, 60)), 1)
        a, b = cramers_v(table)
        plain.append(a)
        corrected.append(b)
    assert np.mean(plain) > 0.3
    assert np.mean(corrected) < 0.1


def test_a_record_a_cluster_is_bergsmas_correction() -> None:
    rng = np.random.default_rng(1)
    a, b = rng.integers(0, 4, 90), rng.integers(0, 3, 90)
    b = np.where(rng.random(90) < 0.5, a % 3, b)
    assert cramers_v_clustered(a, b, np.arange(90)) == pytest.approx(cramers_v(crossed(a, b)))


def test_what_clusters_own_is_no_association() -> None:
    """Glasses that each person keeps over ten pictures: taken for 400 independent records, chance alone looks like a tie."""
    rng = np.random.default_rng(2)
    naive, clustered = [], []
    for _ in range(150):
        person = np.repeat(np.arange(40), 10)
        glasses, group = rng.integers(0, 4, 40)[person], (np.arange(40) % 4)[person]
        naive.append(cramers_v(crossed(glasses, group))[1] ** 2)
        clustered.append(cramers_v_clustered(glasses, group, person)[1] ** 2)
    assert np.sqrt(np.mean(naive)) > 0.2
    assert np.median(clustered) < 0.002


def test_the_mean_over_permutations_is_the_closed_form() -> None:
    rng = np.random.default_rng(3)
    person = np.repeat(np.arange(30), 4)
    factor = (np.arange(120) % 4 + rng.integers(0, 2, 120)) % 4  # spread within people, so that chance gives less than it would
    phi2 = []
    for _ in range(4000):
        group = rng.permutation(np.arange(30) % 3)[person]
        phi2.append(cramers_v(crossed(factor, group))[0] ** 2 * 2)
    group = (np.arange(30) % 3)[person]
    v, corrected = cramers_v_clustered(np.where(group == 0, 0, factor), group, person)
    assert v > 0.4
    assert corrected > 0.3
    table = crossed(factor, group)
    _, none = cramers_v_clustered(factor, group, person)
    expected = table.sum(axis=1)[:, None] * table.sum(axis=0)[None] / 120
    seen = ((table - expected) ** 2 / expected).sum() / 120
    assert none**2 * (3 - 4 / 119 - 1) == pytest.approx(max(seen - np.mean(phi2), 0), abs=0.003)


def test_an_attribute_that_changes_within_a_cluster_is_refused() -> None:
    with pytest.raises(ValueError, match="differs within a cluster"):
        cramers_v_clustered([0, 1, 0], ["a", "b", "a"], [0, 0, 1])


def test_local_z_is_habermans_with_a_record_a_cluster() -> None:
    rng = np.random.default_rng(5)
    for _ in range(50):
        r, c = rng.integers(2, 6, 2)
        kinds, groups = rng.integers(0, r, 200), rng.integers(0, c, 200)
        found = associate(kinds, groups, (r, c), Clusters.of(np.arange(200)))
        table = np.zeros((r, c))
        np.add.at(table, (kinds, groups), 1)
        for i in range(r):
            for j in range(c):
                e = table[i].sum() * table[:, j].sum() / 200
                adjusted = (table[i, j] - e) / np.sqrt(e * (1 - table[i].sum() / 200) * (1 - table[:, j].sum() / 200))
                assert found.local_z[i, j] == pytest.approx(adjusted, abs=1e-9)
        assert local_z(table) == pytest.approx(found.local_z, abs=1e-9)


def test_local_z_of_clusters_of_any_size_is_that_of_permutations() -> None:
    """Some people have 12 pictures, some one: permuted one by one, a cell's excess has the spread that Z divides by."""
    rng = np.random.default_rng(6)
    person = np.repeat(np.arange(40), np.where(np.arange(40) % 5 == 0, 12, 1))
    liking = rng.random(40)
    factor = (rng.random(len(person)) < liking[person]).astype(int)
    own = rng.permutation(np.arange(40) % 2)
    share, excess = factor.mean(), []
    for _ in range(6000):
        group = rng.permutation(own)[person]
        excess.append(((factor == 1) & (group == 1)).sum() - share * (group == 1).sum())
    assert abs(np.mean(excess)) < 0.15
    group = own[person]
    seen = ((factor == 1) & (group == 1)).sum() - share * (group == 1).sum()
    found = associate(factor, group, (2, 2), Clusters.of(person))
    assert found.local_z[1, 1] == pytest.approx(seen / np.std(excess), rel=0.05)


def test_deep_and_shallow_people_do_not_hide_an_association() -> None:
    """What each picture draws anew and leans on the group shows, though a few people have most of the pictures."""
    rng = np.random.default_rng(7)
    person = np.repeat(np.arange(200), np.where(np.arange(200) % 10 == 0, 60, 6))
    group = (np.arange(200) % 2)[person]
    chance = rng.integers(0, 2, len(person))
    leaning = np.where(rng.random(len(person)) < 0.5, group, chance)
    assert cramers_v_clustered(chance, group, person)[1] < 0.05
    plain, corrected = cramers_v_clustered(leaning, group, person)
    assert corrected == pytest.approx(plain, abs=0.006)


def test_duchers_z_runs_from_never_to_always() -> None:
    assert ducher([[10, 0], [0, 10]]) == pytest.approx(np.array([[1, -1], [-1, 1]]))
    assert ducher([[10, 10], [10, 10]]) == pytest.approx(np.zeros((2, 2)))
    assert ducher([[5, 0], [5, 10]])[0] == pytest.approx([1, -1])  # the first row is all in the first column
    # p_ab .4, p_a .5, p_b .6: (.4 - .3) / (min(.5, .6) - .3)
    assert ducher([[4, 1], [2, 3]])[0, 0] == pytest.approx(0.5)
    assert np.isnan(ducher([[3, 2], [0, 0]])).all()


def test_independence_names_cells_and_leaves_out_what_is_unknown() -> None:
    frame = pd.DataFrame(
        {
            "identity_id": [f"p{i}" for i in range(40)],
            "sex": ["f", "m"] * 20,
            "light": ["soft", "hard"] * 20,
            "tone": np.arange(40.0),
            "lost": [None] * 40,
        }
    )
    found = independence(frame, ["light", "tone", "lost"], ["sex"])
    assert set(found) == {"light", "tone"}
    assert found["light"]["sex"]["local_z"]["f"] == {
        "hard": pytest.approx(-(40**0.5), abs=1e-3),
        "soft": pytest.approx(40**0.5, abs=1e-3),
    }
    assert found["light"]["sex"]["ducher_z"]["m"]["hard"] == 1
    assert list(found["tone"]["sex"]["local_z"]["m"]) == ["q1", "q2", "q3", "q4"]


def shuffled(frame: pd.DataFrame, seed: int) -> pd.DataFrame:
    return frame.sample(frac=1, random_state=seed).reset_index(drop=True)


def test_a_factor_that_never_changes_goes_with_nothing() -> None:
    """Rows sorted by group: cut by the order of the rows, a constant would go with the group."""
    frame = pd.DataFrame({"identity_id": [f"p{i}" for i in range(40)], "sex": ["f"] * 20 + ["m"] * 20, "yaw": np.zeros(40)})
    found = independence(frame, ["yaw"], ["sex"])["yaw"]["sex"]
    assert (found["cramers_v"], found["cramers_v_corrected"]) == (0, 0)
    assert list(found["local_z"]["f"]) == ["constant"]


def test_equal_numbers_share_a_quarter_whatever_the_order_of_the_rows() -> None:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "identity_id": [f"p{i:02d}" for i in range(60)],
            "sex": ["f"] * 30 + ["m"] * 30,
            "occluded": (rng.random(60) < 0.1).astype(float),
            "pitch": np.where(rng.random(60) < 0.6, 0.0, np.round(rng.normal(0, 9, 60))),
            "tone": np.where(rng.random(60) < 0.2, np.nan, rng.normal(0, 1, 60)),
        }
    )
    factors = ["occluded", "pitch", "tone"]
    found = independence(frame, factors, ["sex"])
    assert all(independence(shuffled(frame, seed), factors, ["sex"]) == found for seed in range(3))
    for name in factors:
        assert binned(frame[name]).groupby(frame[name]).nunique().max() == 1, name


@pytest.mark.parametrize("rare", [1, 5, 30])
def test_a_factor_of_no_and_yes_keeps_both(rare: int) -> None:
    values = pd.Series([0.0] * (60 - rare) + [1.0] * rare)
    told = binned(values)
    assert told[values == 0].nunique() == told[values == 1].nunique() == 1 and told.nunique() == 2


@pytest.mark.parametrize("n", [4, 5, 6, 7, 100, 1003])
def test_different_numbers_are_cut_at_the_quartiles_of_pandas(n: int) -> None:
    values = pd.Series(np.random.default_rng(n).normal(size=n))
    assert binned(values).tolist() == pd.qcut(values, 4, labels=["q1", "q2", "q3", "q4"]).tolist()
