"""What the dump host runs: one file that is copied there, see README.md."""
