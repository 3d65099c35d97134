"""Vertex normals on closed forms."""

import numpy as np
import pytest

from facegen.geometry.normals import vertex_normals

OCTAHEDRON = np.array([[1, 0, 0], [-1, 0, 0], [0, 1, 0], [0, -1, 0], [0, 0, 1], [0, 0, -1]], np.float32)
FACES = np.array([[0, 2, 4], [2, 1, 4], [1, 3, 4], [3, 0, 4], [2, 0, 5], [1, 2, 5], [3, 1, 5], [0, 3, 5]], np.int32)


def test_normals_of_a_regular_body_point_from_its_middle():
    assert vertex_normals(OCTAHEDRON, FACES) == pytest.approx(OCTAHEDRON)
    assert vertex_normals(OCTAHEDRON, FACES[:, ::-1]) == pytest.approx(-OCTAHEDRON)


def test_faces_weigh_by_area_and_a_vertex_alone_has_none():
    points = np.array([[0, 0, 0], [3, 0, 0], [0, 1, 0], [0, 0, 1], [9, 9, 9]], float)
    found = vertex_normals(points, np.array([[0, 1, 2], [0, 2, 3]]))  # areas 3/2 and 1/2, normals z and x
    assert found[0] == pytest.approx(np.array([1, 0, 3]) / np.sqrt(10))
    assert found[1] == pytest.approx([0, 0, 1]) and not found[4].any()
