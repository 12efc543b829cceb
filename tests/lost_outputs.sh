#!/bin/bash
# Ways of losing what a run writes to, each with a run of so many seconds (5): is the solution there afterwards? Needs root for the disks.
# usage: tests/lost_outputs.sh STAGECOACH INPUT [SECONDS]
program=$(realpath "$1")
input=$(realpath "$2")
seconds=${3:-5}
cd "$(mktemp -d)" || exit 9

lost=0
row() { # way, exit code, folder
    local solution=$3/solution.sol
    [ -s "$solution" ] || solution=$(grep -ho '/[^ ]*/stagecoach-[^ ]*/solution.sol' "$3.said" 2>/dev/null | head -n 1)
    if [ -s "$solution" ] && "$program" check "$input" "$solution" >"$3.check" 2>&1; then
        printf '| %s | %s | %s | %s |\n' "$1" "$2" "$(head -n 1 "$3.check")" "${solution/#$PWD\//}"
    else
        printf '| %s | %s | **lost** | |\n' "$1" "$2"
        lost=1
    fi
}
options=(--time "$seconds" --threads 1 --seed 1)
run() { "$program" solve "$input" "${options[@]}" --out "$@"; }
signalled() { # signal, folder
    "$program" solve "$input" "${options[@]}" --out "$2" -q >/dev/null 2>&1 &
    sleep $((seconds / 2))
    kill -"$1" $!
    wait $!
}
disk() { mkdir "$1" && mount -t tmpfs -o size="$2" tmpfs "$1"; }
fill() { dd if=/dev/zero of="$1/fill" bs=1k 2>/dev/null; }

echo '| What happens | Exit | Result | Where |'
echo '|---|---|---|---|'
run a >/dev/null 2>&-; row 'standard error closed' $? a
run b >/dev/null 2>/dev/full; row 'standard error full' $? b
run c >&- 2>/dev/null; row 'standard output closed' $? c
run d >/dev/full 2>/dev/null; row 'standard output full' $? d
run e 2>&1 | true; row 'nobody reads the pipe' "${PIPESTATUS[0]}" e
for signal in TERM HUP USR1 USR2 XCPU; do signalled $signal $signal; row "SIG$signal" $? $signal; done
(ulimit -S -t 2; run f -q >/dev/null 2>&1); row 'a limit of 2 s of processor time' $? f
nohup "$program" solve "$input" "${options[@]}" --out g >/dev/null 2>&1 &
sleep 1; kill -HUP $!; wait $!; row '`nohup`, then SIGHUP' $? g
TMPDIR=/no/such/folder run h >/dev/null 2>&1; row 'no temporary folder' $? h
(ulimit -f 140; run i >i.said 2>&1); row "files of 140 KiB at most" $? i
if [ "$(id -u)" = 0 ]; then
    disk full 2M; run full/j >j.said 2>&1 & sleep 2; fill full; wait $!; code=$?; umount full; row 'the disk fills' $code j
    disk both 2M; TMPDIR=/no/such/folder run both/k >k.said 2>&1 & sleep 2; fill both; wait $!; code=$?; umount both
    row 'the disk fills, no temporary folder' $code k
fi
run l >l.said 2>&1 & sleep 2; rm -r l; wait $!; row 'the folder is removed' $? l
run m >m.said 2>&1 & sleep 2; rm -r m/plan; wait $!; row 'the plan is removed' $? m
exit $lost
