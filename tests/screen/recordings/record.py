#!/usr/bin/env python3
"""Renews the recordings: what real programs write to a terminal of 24 rows and 80 columns (NAME.bytes), and what tmux
makes of the same bytes (NAME.json). Needs Linux, tmux, vim, less, top and coreutils.

    python3 record.py [NAME ...]
"""

import fcntl, json, os, pty, select, signal, struct, subprocess, sys, tempfile, termios, time

HERE = os.path.dirname(os.path.abspath(__file__))
ESC = "\x1b"

POEM = "\n".join(["床前明月光，疑是地上霜。", "舉頭望明月，低頭思故鄉。", "日本語のテキスト、カタカナ。", "한국어 문장도 있습니다."])
EMOJI = "\n".join(["😀 grin", "👨‍👩‍👧 family|", "🥲 tear, 🫠 melt|", "🇩🇪 flag", "👍 thumb|", "e\u0301 n\u0303 a\u0308|", "⚡ bolt|", "☕ cup|"])
PROGRESS = """
import sys, time
for i in range(0, 101, 4):
    sys.stdout.write("\\r\\x1b[K\\x1b[32m" + "█" * (i // 4) + "\\x1b[90m" + "░" * (25 - i // 4) + "\\x1b[0m %3d%%" % i)
    sys.stdout.flush()
    time.sleep(0.005)
print("\\ndone")
"""
TITLE = r"printf '\033]0;a title 標題\007'; seq 1 60; printf '\033[1;31mred\033[0m\n'; printf 'no newline'"
REGION = r"seq 1 24; printf '\033[5;10r\033[10;1H'; seq 101 120; printf '\033[r\033[3;3H\033[2Kinserted\033[2L\033[12;40Hhere'"
MARGIN = r"printf '%080d' 7; printf '\033[2;79Hxy'; printf '\033[4;79H你好'; printf '\033[8;78H\tX'"

# The program, and what is typed: pairs of seconds to wait and text.
SCENES = {
    "top": (["top", "-d", "0.3", "-p", "{sleeps}"], [(1.2, "")]),
    "vim": (["vim", "--clean", "notes.txt"], [(0.5, "ihello from vim\r"), (0.2, "第二行\r"), (0.2, "third" + ESC), (0.3, ":set number\r"), (0.3, "gg"), (0.3, "")]),
    "vim_left": (["vim", "--clean", "notes.txt"], [(0.5, "iabc" + ESC), (0.3, ":q!\r"), (0.5, "")]),
    "less": (["less", "numbers.txt"], [(0.3, " "), (0.2, "/1234\r"), (0.3, "")]),
    "progress": (["python3", "-c", PROGRESS], [(1.0, "")]),
    "chinese": (["cat", "poem.txt"], [(0.3, "")]),
    "emoji": (["cat", "emoji.txt"], [(0.3, "")]),
    "shell": (["sh", "-c", TITLE], [(0.3, "")]),
    "region": (["sh", "-c", REGION], [(0.3, "")]),
    "margin": (["sh", "-c", MARGIN], [(0.3, "")]),
    "bash": (["bash", "--norc", "--noprofile"], [(0.3, "echo one two"), (0.2, "\x1b[D\x1b[D\x1b[D\x1b[3~"), (0.2, "\r"), (0.2, "ls --color=always -F\r"), (0.4, "")]),
    "colors": (["ls", "--color=always", "-lR", "--time-style=+", "tree"], [(0.3, "")]),
}


def record(argv, keys, folder, environment):
    pid, master = pty.fork()
    if pid == 0:
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        os.chdir(folder)
        os.execvpe(argv[0], argv, environment)
    output = b""
    for wait, text in keys:
        end = time.time() + wait
        while (left := end - time.time()) > 0:
            if not select.select([master], [], [], left)[0]:
                continue
            try:
                output += os.read(master, 65536)
            except OSError:
                break
        if text:
            os.write(master, text.encode())
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return output


def tmux(*words):
    return subprocess.run(["tmux", "-L", "recordings", "-f", "/dev/null", *words], check=True, capture_output=True, text=True).stdout


def capture(path):
    show = f"stty raw -echo; printf '\\033]2;\\007'; cat '{path}'; tmux -L recordings wait-for -S shown; sleep 60"
    tmux("new-session", "-d", "-x", "80", "-y", "24", ";", "set", "-g", "status", "off", ";", "respawn-pane", "-k", show)
    tmux("wait-for", "shown")
    time.sleep(0.3)
    facts = tmux("display-message", "-p", "#{cursor_y} #{cursor_x} #{cursor_flag} #{alternate_on} #{pane_title}")
    above = tmux("capture-pane", "-p", "-S", "-").split("\n")[:-25]
    lines = tmux("capture-pane", "-p").split("\n")[:24]
    tmux("kill-server")
    row, col, visible, alternate, title = facts.rstrip("\n").split(" ", 4)
    return {
        "above": above,
        "lines": lines,
        "cursor": {"row": int(row), "col": int(col), "visible": visible == "1"},
        "alternateScreen": alternate == "1",
        "title": title,
    }


for name in sys.argv[1:] or SCENES:
    argv, keys = SCENES[name]
    with tempfile.TemporaryDirectory() as folder:
        open(folder + "/poem.txt", "w").write(POEM + "\n")
        open(folder + "/emoji.txt", "w").write(EMOJI + "\n")
        open(folder + "/numbers.txt", "w").write("".join(f"line {n}\n" for n in range(1, 2001)))
        for part in ["tree/src/deep", "tree/docs"]:
            os.makedirs(f"{folder}/{part}")
            for n in range(12):
                open(f"{folder}/{part}/file{n}.txt", "w").close()
        sleeps = [subprocess.Popen(["sleep", "60"]) for _ in range(3)]
        environment = {"PATH": os.environ["PATH"], "HOME": folder, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8", "PS1": "$ "}
        pids = ",".join(str(sleep.pid) for sleep in sleeps)
        output = record([part.replace("{sleeps}", pids) for part in argv], keys, folder, environment)
        for sleep in sleeps:
            sleep.kill()
    path = f"{HERE}/{name}.bytes"
    open(path, "wb").write(output)
    with open(f"{HERE}/{name}.json", "w") as target:
        json.dump(capture(path), target, ensure_ascii=False, indent=2)
        target.write("\n")
