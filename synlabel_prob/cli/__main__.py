"""`python -m synlabel_prob.cli`."""

from . import main

main()
