"""One thread in every numerical library. Must be in the environment before numpy is first imported."""

SINGLE = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"), "1")
"""We run a process a core: threads inside one would only compete, and sums split over threads may round differently."""
