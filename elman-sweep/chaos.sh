#!/usr/bin/env bash
# Kills workers and the server of a study at random times, deletes all machines' folders but the server's, and compares every
# run with plain elman train. Longer and larger than TestChaos:
#
#	bash elman-sweep/chaos.sh                       # 200 runs of about 2 s, 20 workers, three rounds
#	PAUSE=6 bash elman-sweep/chaos.sh               # a kill every six seconds, not two: each new worker tests itself
#	RUNS=40 EPOCHS=1 WORKERS=5 ROUNDS=1 SEED=7 bash elman-sweep/chaos.sh
set -euo pipefail
cd "$(dirname "$0")"
RUNS=${RUNS:-200} EPOCHS=${EPOCHS:-6} WORKERS=${WORKERS:-20} ROUNDS=${ROUNDS:-3} PAUSE=${PAUSE:-2} SEED=${SEED:-$RANDOM} PORT=${PORT:-14222}
RANDOM=$SEED
echo "seed $SEED: $RUNS runs, $WORKERS workers, $ROUNDS rounds"
dir=$(mktemp -d)
export CGO_ENABLED=0
(cd .. && go build -o "$dir/elman" ./cmd/elman)
go build -o "$dir/elman-sweep" .
cd "$dir"
declare -a worker
server=
cleanup() { kill -9 $server "${worker[@]}" 2>/dev/null || true; rm -rf "$dir"; }
trap cleanup EXIT

./elman corpus play --size 60000 >play.txt
cat >study.toml <<EOF
seeds = $((RUNS / 2))
[texts]
play = "play.txt"
[settings]
hidden = 64
epochs = $EPOCHS
report_every = 100
[axes]
cell = ["gru", "lstm"]
EOF
export PATH="$dir:$PATH"
mkdir plain
begin=$SECONDS
./elman-sweep plan study.toml --out plain --commands | sed 's/$/ --quiet --threads=1/' | tr '\n' '\0' | xargs -0 -P 2 -I{} sh -c '{}' >/dev/null
hashes() { for m in "$1"/runs/*; do echo "$(basename "$m") $(./elman hash "$m")"; done | sort; }
hashes plain >want
echo "plain trainings: $((SECONDS - begin)) s"

# disown keeps the shell from telling about each process that is killed.
serve() { ./elman-sweep serve study.toml --listen 127.0.0.1:$PORT --token secret --lease 3s --verify 0.05 >>server.log 2>&1 & server=$!; disown; }
work() {
	mkdir -p "machine$1"
	./elman-sweep work nats://secret@127.0.0.1:$PORT --workers 1 --folder "machine$1" --machine "machine$1" --checkpoint-every 500ms >>workers.log 2>&1 &
	worker[$1]=$!
	disown
}
for round in $(seq "$ROUNDS"); do
	rm -rf study server.log workers.log machine*
	begin=$SECONDS kills=0 restarts=0
	serve
	for i in $(seq 0 $((WORKERS - 1))); do work "$i"; done
	while kill -0 $server 2>/dev/null; do
		sleep "$((PAUSE / 2 + RANDOM % (PAUSE + 1))).$((RANDOM % 10))"
		if [ $((RANDOM % 10)) = 0 ]; then
			kill -9 $server 2>/dev/null || break # it has ended
			serve
			restarts=$((restarts + 1))
		else
			i=$((RANDOM % WORKERS))
			kill -9 "${worker[$i]}" 2>/dev/null || true
			[ $((RANDOM % 2)) = 0 ] || rm -rf "machine$i" # its disk is lost, too
			work "$i"
			kills=$((kills + 1))
		fi
	done
	kill -9 "${worker[@]}" 2>/dev/null || true
	rm -rf machine*
	grep -q "^study/report/report.html" server.log || { tail -5 server.log >&2; exit 1; }
	hashes study >got
	cmp want got
	rows=$(tail -n +2 study/report/runs.csv | cut -d, -f1 | sort)
	[ "$(echo "$rows" | wc -l)" = "$RUNS" ] && [ "$(echo "$rows" | uniq | wc -l)" = "$RUNS" ]
	echo "round $round: $RUNS of $RUNS runs have the hashes of plain trainings, each once in the CSV; $kills workers and $restarts servers killed, $((SECONDS - begin)) s; faults: $(cat study/faults.log 2>/dev/null | wc -l)"
done
