#!/usr/bin/env bash
# Clones HEAD into an empty folder, starts the demo with empty caches, with and without uv, and measures the seconds to
# the first page, the disk used, a second start, and whether any process is left after Ctrl-C, SIGTERM and kill -9.
# Use: benchmarks/operations/fresh_clone.sh [PORT=18321] [UV_FOLDER]; UV_FOLDER holds a `uv` for the run with uv.
set -u
here=$(cd "$(dirname "$0")/../.." && pwd)
port=${1:-18321}
uv_folder=${2:-$(dirname "$(command -v uv || echo /nowhere/uv)")}
work=$(mktemp -d)
failed=0
running=''
trap '[ -z "$running" ] || kill -9 "$running" 2>/dev/null; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

without_uv=$(printf '%s' "$PATH" | tr ':' '\n' | while read -r folder; do [ -x "$folder/uv" ] || printf '%s:' "$folder"; done)

seconds_since() { python3 -c 'import sys, time; print(f"{time.time() - float(sys.argv[1]):.1f}")' "$1"; }
answers() { python3 - "$1" 2>/dev/null <<'PYTHON'
import sys, urllib.request
sys.exit(0 if urllib.request.urlopen(sys.argv[1], timeout=2).status == 200 else 1)
PYTHON
}
# Processes whose working folder or program lies in the clone.
left() {
  for each in /proc/[0-9]*; do
    case "$(readlink "$each/cwd") $(tr '\0' ' ' <"$each/cmdline")" in
      *"$1"*) printf '%s ' "${each#/proc/}" ;;
    esac
  done 2>/dev/null
}
row() { printf '%-12s %-22s %10s %s\n' "$1" "$2" "$3" "$4"; }

start() { # FOLDER PATH: sets running; prints seconds to the first page
  local began
  began=$(date +%s.%N)
  (cd "$1" && exec env PATH="$2" SHANHUO_PORT="$port" UV_CACHE_DIR="$1/.caches/uv" PIP_CACHE_DIR="$1/.caches/pip" \
    setsid python3 run.py >"$1.log" 2>&1) &
  running=$!
  until answers "http://127.0.0.1:$port/"; do
    if ! kill -0 "$running" 2>/dev/null; then
      cat "$1.log" >&2
      echo "the demo ended before it answered" >&2
      exit 1
    fi
    sleep 0.1
  done
  first_page=$(seconds_since "$began")
  until grep -q 'Ctrl-C stops all of it' "$1.log"; do sleep 0.1; done
}
stop() { # SIGNAL FOLDER: sets ended and remains
  local began
  began=$(date +%s.%N)
  kill "-$1" "$running"
  wait "$running" 2>/dev/null
  code=$?
  for _ in $(seq 100); do
    remains=$(left "$2")
    [ -n "$remains" ] || break
    sleep 0.05
  done
  ended=$(seconds_since "$began")
  running=''
  [ -z "$remains" ] || failed=1
  { [ "$1" = KILL ] || [ "$code" -eq 0 ]; } || failed=1
}

row installer what figure unit
for installer in uv pip; do
  path=$without_uv
  if [ "$installer" = uv ]; then
    [ -x "$uv_folder/uv" ] || continue
    path=$uv_folder:$without_uv
  fi
  clone=$work/$installer
  git clone -q "$here" "$clone" || exit 1
  start "$clone" "$path"
  row "$installer" 'first start' "$first_page" 's to the first page, caches empty'
  row "$installer" 'environment' "$(du -sm "$clone/.venv" | cut -f1)" MB
  row "$installer" 'instance' "$(du -sm "$clone/instance" | cut -f1)" MB
  stop INT "$clone"
  row "$installer" 'Ctrl-C' "$ended" "s, exit $code, left: ${remains:-none}"
  start "$clone" "$path"
  row "$installer" 'second start' "$first_page" 's to the first page'
  stop TERM "$clone"
  row "$installer" 'SIGTERM' "$ended" "s, exit $code, left: ${remains:-none}"
  start "$clone" "$path"
  stop KILL "$clone"
  row "$installer" 'kill -9' "$ended" "s, left: ${remains:-none}"
  rm -rf "$clone"
done
exit "$failed"
