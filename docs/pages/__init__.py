"""The reference pages: one module writes one page, out of the code and nothing else."""
