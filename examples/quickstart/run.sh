#!/usr/bin/env bash
# The first session: init, load, query, time travel, on real flights. Usage: run.sh TARN PREPARE DATA-FOLDER [WORK-FOLDER]
set -euo pipefail
tarn=$1 prepare=$2 data=$3 work=${4:-$(mktemp -d)}
here=$(cd "$(dirname "$0")" && pwd)
rm -rf "$work/flights" && mkdir -p "$work"

bold() { printf '\n\033[1m%s\033[0m\n' "$*"; }
run() { printf '\033[36m$ tarn %s\033[0m\n' "$*"; "$tarn" "$@"; }

bold "1. Real data: 3,376 airports and three million flights become graph records"
"$prepare" "$data" "$work"

bold "2. A warehouse with a typed schema, and two loads, each one commit or nothing"
cd "$work"
run init --schema "$here/flights.pg" flights
run load flights --data airports.jsonl --mode append --cost
before=$("$tarn" commit list flights --json | python3 -c 'import json,sys; print(json.load(sys.stdin)["commits"][0]["graph_commit_id"])')
run load flights --data routes.jsonl --mode append --cost
run snapshot flights

bold "3. How many airports are within two flights of Bethel, Alaska? Which need exactly two?"
run query reach --store flights --query "$here/flights.gq" --params '{"from":"BET"}' --cost
run query two_flights --store flights --query "$here/flights.gq" --params '{"from":"BET"}' --cost

bold "4. A negation: routes that nobody flew back"
run query one_way --store flights --query "$here/flights.gq" --cost

bold "5. Text search, combined with the graph, and ranked"
run query named_like --store flights --query "$here/flights.gq" --params '{"words":"international"}' --cost
run query ranked --store flights --query "$here/flights.gq" --params '{"words":"san francisco"}' --cost

bold "6. An aggregate over three million flights"
run query busiest --store flights --query "$here/flights.gq" --cost

bold "7. A bad line changes nothing, and says why"
echo '{"edge":"Route","from":"SFO","to":"NOWHERE","data":{"flights":1,"miles":1.0}}' > bad.jsonl
run load flights --data bad.jsonl --mode append && exit 1

bold "8. Time travel: the commit before the routes, then the very first one"
run commit list flights
first=$("$tarn" commit list flights --json | python3 -c 'import json,sys; print(json.load(sys.stdin)["commits"][-1]["graph_commit_id"])')
run query busiest --store flights --query "$here/flights.gq" --snapshot "$before"
run query how_many --store flights --query "$here/flights.gq" --snapshot "$before"
run query how_many --store flights --query "$here/flights.gq" --snapshot "$first"

bold "The warehouse is in $work/flights. Try: $tarn explain --analyze busiest --store $work/flights --query $here/flights.gq"
