"""`python -m facegen.cli`."""

from facegen.cli import main

main()
