# `make test` is what decides whether a change lands. It installs what it needs beyond Rust itself.
# Longer runs: TENON_ORACLE_COMMANDS=5000000 make oracle · PROPTEST_CASES=100000 make test-rust

CARGO ?= cargo
ORACLE := .oracle

.PHONY: test tidy fmt clippy test-rust doc oracle msrv setup bench clean

test: setup
	@bash .ci/steps

setup:
	@bash tests/oracle/servers.sh

tidy:
	$(CARGO) test -q --test tidy

fmt:
	$(CARGO) fmt --all --check

clippy:
	$(CARGO) clippy --workspace --all-targets -- -D warnings

test-rust:
	$(CARGO) test --workspace

doc:
	$(CARGO) test --doc

oracle: setup
	$(CARGO) test --test oracle

msrv:
	bash .ci/msrv

bench:
	$(CARGO) bench

clean:
	$(CARGO) clean
	rm -rf $(ORACLE)
