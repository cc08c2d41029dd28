"""A fresh clone on this machine: `benchmarks/operations/fresh_clone.sh` measures its start and its end."""
