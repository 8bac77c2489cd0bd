/**
 * What the watchdog does when its program is gone: a script of the shell that every system has, so that nothing of it takes
 * memory before. Its arguments: the file of sessions, a group to leave at last or nothing, and the trees of groups.
 */
export const endScript = `
sessions_file=$1 own_group=$2
shift 2

end_group() {
  [ -d "$1" ] || return 0
  [ -e "$1/cgroup.kill" ] && echo 1 >"$1/cgroup.kill" && return 0
  # Nothing is born any more while the others die.
  [ -e "$1/pids.max" ] && echo 0 >"$1/pids.max"
  while read -r pid; do kill -9 "$pid"; done <"$1/cgroup.procs"
  for below in "$1"/*/; do
    [ -d "$below" ] && end_group "\${below%/}"
  done
  return 0
}

remove_group() {
  [ -d "$1" ] || return 0
  for below in "$1"/*/; do
    [ -d "$below" ] && remove_group "\${below%/}"
  done
  rmdir "$1"
}

# Stops whatever is in the sessions, or was started from there, before the first of it dies: who loses its parent is not found.
find_members() {
  for file in /proc/[0-9]*/stat; do
    IFS= read -r line <"$file" || continue
    pid=\${file#/proc/} pid=\${pid%/stat}
    case $found in *" $pid "*) continue ;; esac
    set -- \${line##*) }
    case $1 in Z | X) continue ;; esac
    case $sessions in
      *" $4 "*) ;;
      *) case $found in *" $2 "*) ;; *) continue ;; esac ;;
    esac
    kill -STOP "$pid"
    found="$found$pid " more=1
  done
}

for tree; do end_group "$tree"; done

sessions=' ' found=' '
while read -r pid what; do
  case $what in
    leader) sessions="$sessions$pid " ;;
    # Its number may be another session's by now, whose leader then is there.
    rest) [ -d "/proc/$pid" ] || sessions="$sessions$pid " ;;
  esac
done <"/proc/self/fd/$sessions_file"
if [ "$sessions" != ' ' ]; then
  round=0 more=1
  while [ "$more" ] && [ $round -lt 10 ]; do
    more= round=$((round + 1))
    find_members
  done
  for pid in $found; do kill -9 "$pid"; done
fi

tries=0 left=1
while [ "$left" ] && [ $tries -lt 200 ]; do
  left= tries=$((tries + 1))
  for tree; do
    end_group "$tree"
    remove_group "$tree" || left=1
  done
  [ "$left" ] && { sleep 0.05 || sleep 1; }
done

if [ "$own_group" ] && [ -d "$own_group" ]; then
  above=\${own_group%/*}
  set -- "$above"/exec-server-*/
  # Nobody else needs them there.
  [ $# = 1 ] && echo '-memory -pids' >"$above/cgroup.subtree_control"
  echo 0 >"$above/cgroup.procs" && rmdir "$own_group"
fi
`;
