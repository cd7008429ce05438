# Ends what a supervisor has left behind. A supervisor writes its groups to the standard input as long
# as it lives; the end of the input without a "bye" means that it is gone.
#   $0: what every run id of this supervisor begins with
#   $1: the cgroup that all engines are in, if there is one
#   $2: what the path of each directory begins with that was made for an engine, if any was
#   $3: this script
#   $4 $5 $6: from itself alone, when it goes on after a fork that failed: whose groups and sessions are
#   ours, rounds of the search, how often that was
#   add PID START, remove PID START, bye: lines of the input; START is the leader's start time in /proc
trap '' HUP INT QUIT PIPE ALRM TERM USR1 USR2 TSTP TTIN TTOU VTALRM PROF XCPU XFSZ
run=$0 cgroup=$1 dirs=$2 script=$3 ours=$4 rounds=${5:-0} lives=${6:-0}
groups=
[ "$lives" -gt 0 ] || while read -r verb pid start; do
  case $verb in
    add) groups="$groups $pid:$start" ;;
    remove)
      rest=
      for group in $groups; do
        [ "$group" = "$pid:$start" ] || rest="$rest $group"
      done
      groups=$rest
      ;;
    bye) exit 0 ;;
  esac
done

# Where there is no room for another process, as engines may have taken all of it, a fork that fails ends
# this shell. So whatever ends most of them is done without one, and the search begins anew.
trap 'if [ "$lives" -lt 5000 ]; then
  exec /bin/sh -c "$script" "$run" "$cgroup" "$dirs" "$script" "$ours" "$rounds" $((lives + 1))
fi' EXIT

# Whatever a process has shed, it is in its cgroup.
end_cgroup() {
  [ -n "$cgroup" ] || return 1
  { read -r _ populated <"$cgroup/cgroup.events"; } 2>/dev/null || return 1
  [ "$populated" = 1 ] && echo 1 >"$cgroup/cgroup.kill"
}
end_cgroup

# What the process $1 is, from its state on, as words; its name may hold anything, line feeds too.
read_stat() {
  stat=
  { while read -r line; do stat="$stat $line"; done <"/proc/$1/stat"; } 2>/dev/null || return 1
  [ -n "$stat" ] && stat=${stat##*) }
}

# Whole groups at once, so that none of them can fork in between.
for group in $groups; do
  leader=${group%%:*}
  if read_stat "$leader"; then
    set -- $stat
    # Begun at another time: another process, which was given the number of one of ours.
    [ "${20}" = "${group#*:}" ] || continue
  fi
  kill -9 "-$leader"
  ours="$ours${ours:+|}$leader"
done

# The youngest, by the numbers around the one that was given last: some live for moments only, and are
# gone before a search through all comes to them.
find_youngest() {
  read -r _ _ _ _ last </proc/loadavg || return
  files= i=-8
  while [ $i -lt 32 ]; do
    files="$files /proc/$((last - i))/environ"
    i=$((i + 1))
  done
  grep -lsz "^AI_ENGINE_RUN=$run" $files
}

# Then what has left its group, by the run id, or by session and group: file names in /proc. Of a
# zombie nothing is left to end.
find_left() {
  grep -lsz "^AI_ENGINE_RUN=$run" /proc/[0-9]*/environ
  [ -z "$ours" ] ||
    grep -lsE "\) [^ZX] [0-9]+ (($ours) [0-9]+|[0-9]+ ($ours)) [^)]*\$" /proc/[0-9]*/stat
}

# Ends the group of one of those, if its leader is gone or is one of them, too: those that fork and end
# have become others before a signal comes, and only a group stays what it is.
kill_group() {
  read_stat "$1" || return
  set -- $stat
  group=$3
  case "|$ours|" in
    *"|$group|"*) ;;
    *)
      if read_stat "$group"; then
        set -- $stat
        case $1 in [ZX]) ;; *) return ;; esac
      fi
      ;;
  esac
  kill -9 "-$group"
}

# Until none is seen three times: one that was about to become another program shows neither its old
# environment nor its new one. What can't be killed ends the search.
unseen=0
while [ $unseen -lt 3 ] && [ $rounds -lt 250 ]; do
  left=
  for search in find_youngest find_left; do
    # Without its last word it was called off: it had no room either.
    found=$($search; echo end)
    case $found in
      *end) ;;
      *) unseen=-1 ;;
    esac
    for file in ${found%end}; do
      pid=${file#/proc/}
      pid=${pid%%/*}
      kill_group "$pid"
      left="$left $pid"
      # One that is ours may lead those that show nothing of it.
      case "|$ours|" in
        *"|$pid|"*) ;;
        *) ours="$ours${ours:+|}$pid" ;;
      esac
    done
  done
  if [ -n "$left" ]; then
    kill -9 $left
    unseen=0
  elif end_cgroup; then
    unseen=0
  else
    unseen=$((unseen + 1))
  fi
  rounds=$((rounds + 1))
  sleep 0.02
done

[ -z "$cgroup" ] || find "$cgroup" -depth -type d -exec rmdir {} \;
# Another user's, in a directory that only root can change; no link in them is followed.
[ -z "$dirs" ] || rm -rf "$dirs"[a-z0-9]*

trap - EXIT
