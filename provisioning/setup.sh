#!/bin/sh
# Prepares this checkout: the Debian packages that are missing, and .venv with the locked Python packages.
#
#   provisioning/setup.sh          what running needs
#   provisioning/setup.sh dev      and the tools of `make check`
#   provisioning/setup.sh tests    and the browser, the font and the card reader of the tests; for root also what boots a
#                                  machine in them
#
# PYTHON=/path/to/python3 chooses the interpreter. A call with nothing left to do ends at once.
set -eu
CDPATH="" cd "$(dirname "$0")/.."

level=${1:-run}
venv=.venv
stamp=$venv/.setup
log=.setup.log

say() { printf '%s\n' "$*"; }
fail() { # Japanese, English
    printf '\n中止: %s\nStopped: %s\n' "$1" "$2" >&2
    exit 1
}

# ---------------------------------------------------------------------------------------------------------- the stamp
# The stamp says for which lock, place and interpreter .venv was made. It is removed before .venv is touched and written
# last, so that a half-made .venv never has one. The interpreter's real path holds its version (…/python3.11), and
# reading it costs nothing, unlike starting it.

wanted() { # level
    printf '%s %s %s %s\n' "$1" \
        "$(cat requirements/run.txt requirements/dev.txt pyproject.toml | sha256sum | cut -c1-64)" \
        "$(readlink -f "$venv/bin/python" || :)" "$PWD"
}

venv_is_ready() {
    [ -f "$stamp" ] && [ -x "$venv/bin/python" ] && [ -x "$venv/bin/madoguchi" ] || return 1
    made=$(cat "$stamp")
    [ "$made" = "$(wanted dev)" ] || { [ "$venv_level" = run ] && [ "$made" = "$(wanted run)" ]; }
}

is_ready() { venv_is_ready && { [ "$level" != tests ] || has_card_library; }; }

# ---------------------------------------------------------------------------------------------------- Debian packages

has_browser() { command -v chromium >/dev/null 2>&1 || command -v chromium-browser >/dev/null 2>&1; }

has_japanese_font() {
    if command -v fc-list >/dev/null 2>&1; then
        [ -n "$(fc-list :lang=ja family 2>/dev/null)" ]
    else
        [ -n "$(find /usr/share/fonts -name 'ipag*' -o -name 'NotoSansCJK*' 2>/dev/null)" ]
    fi
}

has_atomics() { # what drives the browser brings a node of its own, which Debian 12 cannot start without it
    ls /usr/lib/*/libatomic.so.1 >/dev/null 2>&1
}

missing_test_packages() {
    has_browser || printf 'chromium '
    has_japanese_font || printf 'fonts-ipafont-gothic '
    has_atomics || printf 'libatomic1 '
    [ -x /usr/sbin/pcscd ] || printf 'pcscd '
    ls /usr/lib/pcsc/drivers/serial/libifdvpcd.so* >/dev/null 2>&1 || printf 'vsmartcard-vpcd '
    has_card_library || missing_compiler
    command -v aplay >/dev/null 2>&1 || printf 'alsa-utils '
    if [ "$(id -u)" = 0 ]; then missing_boot_packages; fi
}

missing_boot_packages() { # a machine of its own is booted by root alone; for others these tests say why they are skipped
    command -v systemd-analyze >/dev/null 2>&1 || printf 'systemd '
    command -v systemd-nspawn >/dev/null 2>&1 || printf 'systemd-container '
    command -v mmdebstrap >/dev/null 2>&1 || printf 'mmdebstrap '
    command -v dnsmasq >/dev/null 2>&1 || printf 'dnsmasq-base '
    command -v mkfs.vfat >/dev/null 2>&1 || printf 'dosfstools '
    missing_kernel
}

missing_kernel() { # a real FAT stick is tried under another kernel where this one knows no FAT; not every Debian has one
    grep -qw vfat /proc/filesystems || modprobe -q vfat 2>/dev/null || command -v linux.uml >/dev/null 2>&1 || {
        apt-cache show user-mode-linux >/dev/null 2>&1 && printf 'user-mode-linux ' || :
    }
}

# pyscard has no wheel for Linux: the tests get it from the very sources from which a box gets it.
has_card_library() {
    version=$(sed -n 's/^pyscard==\([^ ]*\).*/\1/p' requirements/built.lock)
    ls -d "$venv"/lib/python3*/site-packages/pyscard-"$version".dist-info >/dev/null 2>&1
}

missing_compiler() {
    command -v gcc >/dev/null 2>&1 || printf 'gcc libc6-dev '
    command -v swig >/dev/null 2>&1 || printf 'swig '
    command -v pkg-config >/dev/null 2>&1 || printf 'pkg-config '
    [ -f /usr/include/PCSC/winscard.h ] || printf 'libpcsclite-dev '
    headers=$("$(choose_python || echo false)" -c 'import os, sys, sysconfig
if not os.path.exists(sysconfig.get_path("include") + "/Python.h"):
    default = sys.executable in ("/usr/bin/python3", "/usr/bin/python3.%d" % sys.version_info[1])
    print("python3-dev" if default else "python%d.%d-dev" % sys.version_info[:2])' 2>/dev/null) || :
    [ -z "$headers" ] || printf '%s ' "$headers"
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

may_become_root() {
    [ "$(id -u)" = 0 ] && return 0
    command -v sudo >/dev/null 2>&1 || return 1
    sudo -n true 2>/dev/null && return 0
    [ -t 0 ] && sudo -v
}

apt_install() {
    as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get -o DPkg::Lock::Timeout=300 -qq -y --no-install-recommends install "$@" >>"$log" 2>&1
}

install_debian() { # packages
    if ! command -v apt-get >/dev/null 2>&1 || ! may_become_root; then
        fail "次の行を実行してから、もう一度お試しください: sudo apt update && sudo apt install $*" \
            "run that line, then try again."
    fi
    say "      apt-get install $*"
    # The lists are fetched only when what is there does not suffice; one broken foreign source does not matter.
    # shellcheck disable=SC2086 # names without spaces
    apt_install "$@" && return 0
    as_root apt-get -qq update >>"$log" 2>&1 || :
    apt_install "$@" && return 0
    tail -n 5 "$log" >&2
    fail "Debian パッケージを入れられません（ネットワークの接続をご確認ください）: $*" \
        "these Debian packages could not be installed; is the network there? (details: $log)"
}

# ------------------------------------------------------------------------------------------------------------- Python

is_new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

choose_python() {
    for candidate in ${PYTHON:-python3 python3.13 python3.12 python3.11}; do
        if command -v "$candidate" >/dev/null 2>&1 && is_new_enough "$candidate"; then
            printf '%s\n' "$candidate"
            return 0
        fi
    done
    return 1
}

make_venv() {
    rm -rf "$venv"
    "$python" -m venv "$venv" >>"$log" 2>&1 || {
        tail -n 5 "$log" >&2
        fail "$venv を作れません。" "$venv could not be made with $python (details: $log)."
    }
}

pip_install() {
    "$venv/bin/python" -m pip install --disable-pip-version-check --no-input --quiet "$@" >>"$log" 2>&1
}

build_card_library() {
    say "      pyscard を作っています / building pyscard"
    sed -n '/^pyscard==/,/--hash/p' requirements/built.lock >"$venv/pyscard.txt"
    pip_install --require-hashes --no-deps --no-build-isolation --no-binary pyscard -r "$venv/pyscard.txt" || explain_pip
}

finish() {
    [ "$level" != tests ] || has_card_library || build_card_library
    rm -f "$log"
    say "準備ができました / ready"
}

explain_pip() {
    tail -n 5 "$log" >&2
    if grep -q 'DO NOT MATCH THE HASHES' "$log"; then
        fail "届いたパッケージが requirements/ の記録と違うため、入れませんでした。" \
            "a package that arrived differs from the lock, so nothing of it was installed (details: $log)."
    elif grep -q 'No space left on device' "$log"; then
        fail "ディスクの空きが足りません。" "the disk is full (details: $log)."
    elif grep -Eq 'Retrying \(|NewConnectionError|NameResolutionError|Network is unreachable|timed out|ProxyError' "$log"; then
        fail "ネットワークにつながりません。接続をご確認のうえ、もう一度お試しください（途中からやり直せます）。" \
            "the network is not there. Check it and try again; nothing is lost (details: $log)."
    fi
    fail "Python パッケージを入れられません。" "the Python packages could not be installed (details: $log)."
}

fill_venv() {
    if [ "$venv_level" = dev ]; then lock=requirements/dev.txt; else lock=requirements/run.txt; fi
    say "[3/4] Python パッケージを入れています（数分かかることがあります） / installing $lock, perhaps for minutes"
    pip_install --require-hashes --no-deps -r "$lock" || return 1 # the lock is whole, and leaves out what is not used
    say "[4/4] Madoguchi を入れています / installing Madoguchi itself"
    pip_install --no-index --no-deps --no-build-isolation --config-settings editable_mode=compat --editable .
}

# ----------------------------------------------------------------------------------------------------------- the work

case $level in
run) venv_level=run ;;
dev | tests) venv_level=dev ;;
*) fail "使い方: setup.sh [run|dev|tests]" "usage: setup.sh [run|dev|tests]" ;;
esac

packages=
[ "$level" = tests ] && packages=$(missing_test_packages)
[ -z "$packages" ] && is_ready && exit 0

# One setup at a time, also under `make -j`: the lock is on this very file and ends with the process.
exec 9<provisioning/setup.sh
command -v flock >/dev/null 2>&1 && flock 9
[ "$level" = tests ] && packages=$(missing_test_packages)
[ -z "$packages" ] && is_ready && exit 0

unset PIP_USER PIP_TARGET PIP_PREFIX PYTHONPATH PYTHONHOME
: >"$log"

python=$(choose_python) || fail \
    "Python 3.11 以上がありません。次の行を実行してください: sudo apt update && sudo apt install python3 python3-venv" \
    "there is no Python 3.11 or newer; run that line, or name one with PYTHON=/path/to/python3."
say "[1/4] Python: $("$python" -c 'import sys; print(sys.executable, sys.version.split()[0])')"

if ! venv_is_ready && ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    packages="$("$python" -c 'import sys
default = sys.executable in ("/usr/bin/python3", "/usr/bin/python3.%d" % sys.version_info[1])
print("python3-venv" if default else "python%d.%d-venv" % sys.version_info[:2])') $packages"
fi
if [ -n "$packages" ]; then
    say "[2/4] Debian パッケージを入れています / installing Debian packages"
    # shellcheck disable=SC2086 # a list of names
    install_debian $packages
else
    say "[2/4] Debian パッケージはそろっています / no Debian package is missing"
fi
if venv_is_ready; then
    say "[4/4] Python パッケージはそろっています / no Python package is missing"
    finish
    exit 0
fi

# A .venv that was finished once, in this place and with an interpreter that still works, is brought up to date;
# anything else is made anew. One that had the tools gets them again.
keep=no
if [ -f "$stamp" ]; then
    made=$(cat "$stamp")
    case $made in dev*) venv_level=dev ;; esac
    case $made in
    *" $(readlink -f "$venv/bin/python" || :) $PWD") "$venv/bin/python" -m pip --version >/dev/null 2>&1 && keep=yes ;;
    esac
fi
rm -f "$stamp"
if [ $keep = yes ]; then
    fill_venv || { say "      やり直します / once more, from an empty $venv" && make_venv && fill_venv; } || explain_pip
else
    make_venv
    fill_venv || explain_pip
fi
[ -x "$venv/bin/madoguchi" ] || fail "madoguchi コマンドができていません。" "the command madoguchi is missing (details: $log)."
wanted "$venv_level" >"$stamp.new"
mv "$stamp.new" "$stamp"
finish
