#!/usr/bin/env bash
# Measures a training step on machines that are network namespaces, over lines of several speeds and latencies, beside the model of
# docs/mpi.md. Only root can have namespaces; ip and tc (iproute2) and Open MPI are needed.
#
#	bash elman-mpi/scaling.sh                            # an LSTM of 256 units, four shards of 8 streams
#	STEPS=60 bash elman-mpi/scaling.sh --hidden 512
set -euo pipefail
cd "$(dirname "$0")"
STEPS=${STEPS:-30}
dir=$(mktemp -d)
cleanup() {
	kill "${delay:-}" 2>/dev/null || true
	for i in 1 2 3 4; do ip netns del em$i 2>/dev/null || true; done
	ip link del embridge 2>/dev/null || true
	rm -rf "$dir"
}
trap cleanup EXIT
export CGO_ENABLED=0
(cd .. && go build -o "$dir/elman" ./cmd/elman)
go build -o "$dir/" . ./delay
cd "$dir"
./elman corpus play --size 300000 >play.txt

# The agent stands for ssh: it starts a command on a machine.
cat >agent.sh <<'EOF'
#!/bin/bash
while [[ $1 == -* ]]; do shift; done
machine=${1##*.}
shift
exec ip netns exec "em$machine" unshare -u sh -c "hostname em$machine; $*"
EOF
chmod +x agent.sh
ip link add embridge type bridge
ip link set embridge up
for i in 1 2 3 4; do
	ip netns add em$i
	ip link add em$i type veth peer name eth0 netns em$i
	ip link set em$i master embridge up
	ip -n em$i addr add 10.88.0.$i/24 dev eth0
	ip -n em$i link set eth0 up
	ip -n em$i link set lo up
done

limit() { # RATE: of all lines, in both directions
	for i in 1 2 3 4; do
		tc qdisc replace dev em$i root tbf rate "$1" burst 256kb latency 400ms
		ip netns exec em$i tc qdisc replace dev eth0 root tbf rate "$1" burst 256kb latency 400ms
	done
}
train() { # RANKS NETWORK: prints milliseconds a training step
	rm -rf out
	local flags=(train play.txt --valid 0 --shards 4 --threads 1 --steps-total "$STEPS" --report-every $((STEPS / 3)) --quiet --out out "${flags[@]}")
	local on=("./elman" "${flags[@]}")
	if [ "$1" -gt 1 ]; then
		on=(ip netns exec em1 unshare -u sh -c 'hostname em1; exec "$@"' sh mpirun --allow-run-as-root --bind-to none --mca mpi_yield_when_idle 1
			--mca plm_rsh_agent "$dir/agent.sh" --mca btl tcp,self --mca oob_tcp_if_include "$2" --mca btl_tcp_if_include "$2"
			--wdir "$dir" --host "$(seq -s, -f "${2%.*}.%g:1" 1 "$1")" -n "$1" ./elman-mpi "${flags[@]}")
	fi
	"${on[@]}" >log 2>&1 || { cat log >&2; exit 1; }
	sed 's/.*"step":\([0-9]*\).*"seconds":\([0-9.]*\).*/\1 \2/' out/metrics.jsonl |
		awk 'NR == 1 { s = $1; t = $2 } END { printf "%.1f", 1000 * ($2 - t) / ($1 - s) }'
}
# model RANKS COMPUTE RATE LATENCY: milliseconds a training step, from that without a line's limits, bytes per ms, and ms.
model() {
	awk -v R="$1" -v C="$2" -v B="$3" -v L="$4" -v N="$weights" 'BEGIN {
		messages = 1 + (R - 2) / (R - 1) + 2 * (R - 1) / R
		waits = 10 + int(log(R) / log(2) + .5) + (R > 2 ? 3 : 0)
		printf "%.0f", C + 4 * N * messages / B + waits * L
	}'
}

flags=("$@")
plain=10.88.0.0/24 late=10.88.1.0/24
one=$(train 1 "")
weights=$(./elman train play.txt "${flags[@]}" --plan --json 2>/dev/null | grep -o '"weights":[0-9]*' | head -n 1 | tr -dc 0-9)
echo "$weights weights, $(nproc) cores; milliseconds a training step"
echo "one process: $one"
declare -A without
for ranks in 2 4; do
	without[$ranks]=$(train $ranks $plain)
	echo "$ranks machines: ${without[$ranks]}"
done
for rate in 1000 100; do
	limit ${rate}mbit
	for ranks in 2 4; do
		echo "$ranks machines, $rate Mbit/s: $(train $ranks $plain), model $(model $ranks "${without[$ranks]}" $((rate * 119)) 0)"
	done
done
for latency in 1 5; do
	mkfifo "stop$latency"
	./delay ${latency}ms dl1 dl2 dl3 dl4 <"stop$latency" >ready &
	delay=$!
	exec 3>"stop$latency"
	until [ -s ready ]; do sleep .05; done
	for i in 1 2 3 4; do
		ip link set dl$i netns em$i
		ip -n em$i link set dl$i mtu 9000 up
		ip -n em$i addr add 10.88.1.$i/24 dev dl$i
	done
	for ranks in 2 4; do
		echo "$ranks machines, $latency ms: $(train $ranks $late), model $(model $ranks "${without[$ranks]}" 1e12 $latency)"
	done
	exec 3>&-
	wait "$delay" || true
	rm ready
done
