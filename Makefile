# `make test` is what decides whether a change lands. It installs what it needs beyond Rust itself.
# `make test-long` is what decides whether a version is released: hours. What makes a run long, in both:
#   TENON_KILLS            how often a process is killed                  20; long: 300         tests/it/kill.rs
#   TENON_SCHEDULER_KILLS  the same, of the example                       5; long: 100          examples/scheduler.rs
#   TENON_CRASH_POINTS     recoveries after a crash of the machine        30000; long: 1000000  src/engine/crash.rs
#   TENON_REPLAY_ROUNDS    rounds for each command, said and replayed     5; long: 200          tests/it/replay.rs
#   TENON_MODEL_RUNS       interleavings of each scenario                 1000; long: 200000   model/
#   TENON_FUZZ_SECONDS     for each fuzz target                           5; long: 600          .ci/fuzz
#   TENON_ORACLE_COMMANDS  replies compared with a server's               200000; long: 5000000 tests/oracle

CARGO ?= cargo
ORACLE := .oracle

.PHONY: test test-long tidy fmt clippy test-rust doc oracle msrv packages setup bench clean

test: setup
	@bash .ci/steps

test-long: setup
	@bash .ci/long

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

# A wheel, an npm tarball and a tarball of the C API, in dist/; installed from there into empty places and tried.
packages:
	bash .ci/packages

bench:
	$(CARGO) bench

clean:
	$(CARGO) clean
	rm -rf $(ORACLE)
