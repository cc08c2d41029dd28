# Thin names for what run.py does.
.PHONY: demo test check bench ci

demo:
	python3 run.py demo

test:
	python3 run.py test

check:
	python3 run.py check

bench:
	python3 run.py bench

ci:
	.ci/run
