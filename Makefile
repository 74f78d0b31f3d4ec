# The commands of this checkout; `make` alone lists them. DATA, PORT, TOWN_PORT and ARGS may be given:
# make run PORT=8000, make test ARGS="-k calls".

DATA      ?= demo-data
PORT      ?= 8080
TOWN_PORT ?= 8090
ARGS      ?=

BIN      := .venv/bin
PACKAGES := appliance drivers sync ui provisioning tests

# `make lock`: the tool, and the day before which a package must have been published (a week's cooldown).
UV          := uv==0.13.8
LOCK_BEFORE ?= $(shell date -u -d '7 days ago' +%F)
COMPILE      = build/lock/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--exclude-newer $(LOCK_BEFORE)T00:00:00Z --no-header $(ARGS)

# Hundreds of processes are started by the tests: whatever this shell says, what is compiled once is kept.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev setup-tests run test check format bench soak fresh gpio-sim listen pictures checklist bundle \
	bundle-arm64 lock clean

help: ## この一覧 / this list
	@sed -n 's/^\([a-z0-9-]*\):[^#]*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 22

setup: ## 動かすための準備 / prepare for running
	@provisioning/setup.sh

setup-dev:
	@provisioning/setup.sh dev

setup-tests:
	@provisioning/setup.sh tests

run: setup ## 機器なしで全体を動かす / run desk, devices and town here, with no hardware
	@exec $(BIN)/madoguchi demo --data "$(DATA)" --port $(PORT) --town-port $(TOWN_PORT) $(ARGS)

# Houses that boot, cut the power or look at a clock have both processors to themselves. The rest shares them.
SHARING := $(patsubst %,tests/house/test_%.py,card_items doctor enrolled_walk enrolment hostile installation packs \
	proof stick tokens without_keys)
ALONE   := $(filter-out $(SHARING),$(wildcard tests/house/test_*.py)) tests/systemd tests/bench tests/gpio_sim

test: setup-tests ## 試験 / run the tests
ifeq ($(strip $(ARGS)),)
	@$(BIN)/pytest --numprocesses 2 --dist loadfile $(addprefix --ignore=,$(ALONE))
	@exec $(BIN)/pytest $(ALONE)
else
	@exec $(BIN)/pytest $(ARGS)
endif

check: setup-dev ## 形式・型・構造の検査 / format, lint, types, architecture, unused code, libraries
	@echo '[1/6] ruff format'  && $(BIN)/ruff format --check .
	@echo '[2/6] ruff check'   && $(BIN)/ruff check .
	@echo '[3/6] mypy'         && $(BIN)/mypy
	@echo '[4/6] lint-imports' && $(BIN)/lint-imports --no-cache
	@echo '[5/6] vulture'      && $(BIN)/vulture
	@echo '[6/6] deptry'       && $(BIN)/deptry .

format: setup-dev ## 形式を整える / format the code and mend what can be mended
	@$(BIN)/ruff check --fix --exit-zero --quiet . && $(BIN)/ruff format .

bench: setup-tests ## 速さの測定 / measure the speed
	@exec $(BIN)/python -m tests.bench $(ARGS)

soak: setup-tests ## 長時間の試験 / run for a long time and watch
	@exec $(BIN)/python -m tests.bench.soak $(ARGS)

fresh: setup-tests ## まっさらな Debian での試験 / both README commands in bare Debian roots (as root, long)
	@exec $(BIN)/python -m tests.fresh $(ARGS)

gpio-sim: setup-tests ## 本物のカーネルの GPIO での試験 / buttons on a simulated chip, in an emulated guest
	@exec $(BIN)/python -m tests.gpio_sim

listen: setup-tests ## 声が聞きとれるかの試験 / have a recogniser of speech write down what the voice says
	@test requirements/listen.txt -ot build/listen/.ready || { python3 -m venv build/listen && \
		build/listen/bin/pip install --quiet --require-hashes --no-deps -r requirements/listen.txt && \
		touch build/listen/.ready; }
	@exec $(BIN)/python -m tests.listen

pictures: setup-tests ## 手引きの絵を撮りなおす / take the pictures of the guides again
	@exec $(BIN)/python -m tests.pictures

checklist: setup-tests ## 画面の検査の全部 / every page, state and width against the checklist (docs/checklist.md)
	@exec $(BIN)/python -m tests.ui.checklist

bundle: setup ## 箱に入れる一式を作る / build/madoguchi-ARCH.tar, for boxes like this machine (as root)
	@mkdir -p build && exec $(BIN)/madoguchi provision bundle --out build/madoguchi-$$(dpkg --print-architecture).tar $(ARGS)

bundle-arm64: setup ## Raspberry Pi の一式 / the same for a Raspberry Pi, emulated: slow the first time
	@sh provisioning/installer/emulate.sh aarch64
	@mkdir -p build && exec $(BIN)/madoguchi provision bundle --arch arm64 --out build/madoguchi-arm64.tar $(ARGS)

lock: ## requirements/ を作り直す / resolve requirements/ again (ARGS=--upgrade for newer versions)
	@test -x build/lock/bin/uv || { python3 -m venv build/lock && build/lock/bin/pip install --quiet $(UV); }
	@$(COMPILE) pyproject.toml --group build --extra dev --output-file requirements/dev.txt
	@$(COMPILE) pyproject.toml --group build --constraints requirements/dev.txt --output-file requirements/run.txt
	@$(COMPILE) --group listen --output-file requirements/listen.txt
	@sed -i '1i # Made by `make lock` from pyproject.toml; every package was published before $(LOCK_BEFORE).' requirements/*.txt

clean: ## .venv と一時ファイルを消す（記録は消しません） / remove .venv and caches, never data
	@rm -rf .venv .setup.log build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache \
		.hypothesis .coverage htmlcov
	@find $(PACKAGES) -name __pycache__ -type d -prune -exec rm -rf {} +
