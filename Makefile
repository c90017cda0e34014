# Two commands: `make run` starts everything, `make test` tests everything. Both prepare what is missing.
PYTHON ?= python3
.PHONY: run test setup train lint bench requirements

run:
	@$(PYTHON) scripts/bootstrap.py run

test:
	@$(PYTHON) scripts/bootstrap.py test $(ARGS)

setup:
	@$(PYTHON) scripts/bootstrap.py setup

train:
	@$(PYTHON) scripts/bootstrap.py train

lint: setup
	@.venv/bin/ruff check .

bench: setup train
	@.venv/bin/python -m benchmarks.all $(ARGS)

# Pins anew; uv writes no address of an index into the files unless asked to.
UVC = .venv/bin/uv pip compile --quiet --no-header --upgrade
requirements: setup
	$(UVC) --universal --python-version 3.11 requirements/app.in -o requirements/app.txt
	$(UVC) --universal --python-version 3.11 requirements/dev.in -o requirements/dev.txt
	$(UVC) --python-version 3.10 requirements/rasa.in -o requirements/rasa.txt
