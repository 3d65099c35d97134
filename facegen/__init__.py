"""facegen: labelled, balanced synthetic faces from a parametric 3D head."""

__version__ = "0.1.0"
