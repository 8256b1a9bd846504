# Forelay: `make run` shows the embedded study, `make test` runs everything.
# Works on a fresh Debian or Ubuntu machine that has git, make and a Rust toolchain.

SHELL := /bin/bash
STUDY ?= china-2021

.PHONY: run test setup build fmt lint deny bench docs web web-test

run: setup ## build, run the embedded study, say where the report lies
	cargo build --package forelay
	@[ -d "$(STUDY)" ] || target/debug/forelay init --example china-2021 "$(STUDY)"
	@target/debug/forelay --study "$(STUDY)" run
	@target/debug/forelay --study "$(STUDY)" report --lang en
	@target/debug/forelay --study "$(STUDY)" report --lang zh

test: setup lint deny ## formatting, lints, licences, every test
	cargo test --workspace
	@$(MAKE) --no-print-directory web-test

# Pages in a real browser, where Node and Chromium are there; ignored elsewhere.
web-test: # needs target/debug/forelay, which the tests build
	web/tests/maybe.sh

web: ## build the pages of the workshop again (needs Node); web/dist is committed
	cd web && npm ci --no-audit --no-fund && npm run check && npm run build

# What the solver is built with. Installed with apt where we are root; otherwise one line to type.
setup:
	@missing=""; \
	command -v cargo >/dev/null || { echo "A Rust toolchain is needed: see https://rustup.rs"; exit 1; }; \
	command -v cmake >/dev/null || missing="$$missing cmake"; \
	command -v c++ >/dev/null || missing="$$missing g++"; \
	ls /usr/lib/llvm-*/lib/libclang.so* /usr/lib/llvm-*/lib/libclang-[0-9]*.so* /usr/lib/*/libclang.so* /usr/lib/*/libclang-[0-9]*.so* 2>/dev/null | grep -q . || missing="$$missing libclang-dev"; \
	if [ -n "$$missing" ]; then \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    echo "installing$$missing"; \
	    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $$missing >/dev/null; \
	  else \
	    echo "Missing:$$missing. Please type:  sudo apt-get install -y$$missing"; exit 1; \
	  fi; \
	fi

build: setup
	cargo build --package forelay

fmt:
	cargo fmt --all

lint: setup
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings

# Licences, sources and duplicate versions of dependencies.
deny: setup
	@command -v cargo-deny >/dev/null || cargo install --quiet --locked cargo-deny
	cargo deny --log-level error check bans licenses sources

docs: build ## schema pages from the schemas
	target/debug/forelay schema --out docs/schema

bench: setup
	cargo build --package forelay --release
	benches/run.sh
