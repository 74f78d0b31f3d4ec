#!/bin/sh
# Installs Madoguchi from this folder, without any network. As root:
#
#   sh install.sh [--role desk|office|both]   the desk (unless another role is named); again and again does no harm
#   sh install.sh --check                     only looks whether this folder is whole; changes nothing
#   sh install.sh --back                      goes back to the version before, which is kept
#
# Nothing is touched before every file has been compared with MANIFEST.
set -eu
umask 022
export LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive
here=$(CDPATH="" cd "$(dirname "$0")" && pwd)
product=/opt/madoguchi
settings=/etc/madoguchi/madoguchi.toml

say() { printf '%s\n' "$*"; }
fail() { # Japanese, English
    printf '\n中止: %s\nStopped: %s\n' "$1" "$2" >&2
    exit 1
}
usage() { fail "使い方: sh install.sh [--role desk|office|both] [--check] [--back]" "see the head of this file."; }

told() { sed -n "s/^$1=//p" "$here/BUNDLE"; }
runs_systemd() { [ -d /run/systemd/system ]; }
version_at() { if [ -d "$product/$1" ]; then readlink -f "$product/$1"; fi; } # current or previous; nothing if there is none
listed() { sed -n 's/^[0-9a-f]\{64\}  root\///p' "$1/MANIFEST"; } # what that version places outside its own folder

# ----------------------------------------------------------------------------------------------------- before touching

check_whole() {
    [ -f "$here/MANIFEST" ] || fail "MANIFEST がありません。何も変えていません。" "there is no MANIFEST; nothing was changed."
    if ! wrong=$(cd "$here" && sha256sum --check --strict --quiet MANIFEST 2>&1); then
        printf '%s\n' "$wrong" >&2
        fail "上のファイルが 書きかわっているか、足りません。何も変えていません。一式を もらいなおしてください。" \
            "these files were changed or are missing; nothing was touched. Get the bundle again."
    fi
    seal=$(sha256sum "$here/MANIFEST" | cut -c1-64)
    say "      しるし / fingerprint: $(printf %s "$seal" | cut -c1-16)"
}

check_machine() {
    [ "$(id -u)" = 0 ] || fail "root で実行してください: sudo sh install.sh" "run it as root."
    [ "$(dpkg --print-architecture)" = "$(told arch)" ] || fail "この一式は $(told arch) の箱のものです。" \
        "this bundle is for $(told arch), not for $(dpkg --print-architecture)."
    if ! has_python && [ "$(codename)" != "$(told suite)" ]; then
        fail "この一式は Debian $(told suite)（Python $(told python)）の箱のものです。" \
            "this bundle is for Debian $(told suite) with Python $(told python)."
    fi
}

codename() { sed -n 's/^VERSION_CODENAME=//p' /etc/os-release; }
has_python() { "python$(told python)" -c 'import ensurepip, venv' 2>/dev/null; }

# ------------------------------------------------------------------------------------------------------ Debian packages

missing_packages() {
    for name in $(told packages); do
        dpkg-query --show --showformat='${db:Status-Status}\n' "$name" 2>/dev/null | grep -q '^installed$' || printf '%s ' "$name"
    done
}

quiet_nginx() { # Debian starts a web server of its own on port 80; ours is madoguchi-tls.service
    [ ! -L /etc/systemd/system/nginx.service ] || return 0
    ! runs_systemd || systemctl --quiet stop nginx.service 2>/dev/null || :
    mkdir -p "$product" /etc/systemd/system
    ln -s /dev/null /etc/systemd/system/nginx.service
    : >"$product/.nginx-masked"
}

install_packages() {
    missing=$(missing_packages)
    [ -n "$missing" ] || return 0
    if [ "$(codename)" != "$(told suite)" ] || [ ! -f "$here/debs/Packages" ]; then
        fail "次の行を実行してから、もう一度お試しください: apt install $missing" "run that line, then try again."
    fi
    ln -s "$here/debs" "$scratch/debs"
    mkdir -p "$scratch/lists/partial" "$scratch/archives/partial"
    printf 'deb [trusted=yes] file:%s ./\n' "$scratch/debs" >"$scratch/sources.list"
    # shellcheck disable=SC2086 # a list of names
    from_here update && from_here install --no-install-recommends $missing && return 0
    explain "Debian パッケージを入れられません: $missing" "these Debian packages could not be installed: $missing"
}

from_here() { # apt, which knows nothing but this folder
    apt-get -qq -y -o APT::Sandbox::User=root -o "Dir::Etc::SourceList=$scratch/sources.list" -o Dir::Etc::SourceParts=- \
        -o "Dir::State::Lists=$scratch/lists" -o "Dir::Cache=$scratch" -o Dpkg::Options::=--force-confold "$@" >>"$log" 2>&1
}

explain() { # Japanese, English
    tail -n 12 "$log" >&2
    fail "$1" "$2"
}

# ---------------------------------------------------------------------------------------------------------- the product

choose_folder() { # a finished folder is never changed: the same version built again stands beside it
    folder=$product/$(told version)
    if [ -f "$folder/.complete" ] && [ "$(cat "$folder/.complete")" != "$seal" ]; then
        folder=$folder+$(printf %s "$seal" | cut -c1-8)
    fi
}

make_venv() {
    [ ! -f "$folder/.complete" ] || return 0
    rm -rf "$folder"
    "python$(told python)" -m venv "$folder" >>"$log" 2>&1 || explain "venv を作れません。" "the venv could not be made."
    "$folder/bin/python" -m pip --isolated install --quiet --no-index --no-deps --no-cache-dir --require-hashes \
        --disable-pip-version-check --find-links "$here/wheels" --requirement "$here/wheels.txt" >>"$log" 2>&1 ||
        explain "Python パッケージを入れられません。" "the Python packages could not be installed."
    try_product
    cp -R "$here/product/." "$folder/"
    cp -R "$here/root" "$here/MANIFEST" "$here/BUNDLE" "$here/uninstall.sh" "$folder/"
    chmod 0755 "$folder"/share/systemd/libexec/*
    sync
    printf '%s\n' "$seal" >"$folder/.complete"
}

try_product() { # lgpio leaves a file where it stands
    (cd "$scratch" && "$folder/bin/python" -c 'import lgpio, smartcard.scard, cryptography; lgpio.gpiochip_open' &&
        "$folder/bin/madoguchi" --help >/dev/null) >>"$log" 2>&1 ||
        explain "入れたプログラムが この箱で 動きません。" "what was installed does not run on this machine."
}

place_files() { # folder of a version, folder of the version before it or nothing
    for file in $(listed "$1"); do
        mkdir -p "/${file%/*}"
        cp "$1/root/$file" "/$file.new"
        chmod 0644 "/$file.new"
        mv "/$file.new" "/$file"
    done
    [ -n "$2" ] && [ "$2" != "$1" ] || return 0
    for file in $(listed "$2"); do
        listed "$1" | grep -Fqx "$file" || rm -f "/$file"
    done
}

make_users() {
    systemd-sysusers >>"$log" 2>&1 || explain "利用者を作れません。" "the users could not be made."
    systemd-tmpfiles --create madoguchi.conf >>"$log" 2>&1 || explain "フォルダーを作れません。" "the folders could not be made."
}

write_settings() {
    mkdir -p "${settings%/*}"
    [ -e "$settings" ] || cp "$here/madoguchi.toml" "$settings"
}

point_at() { # link, where to: in one step, whole or not at all
    ln -sfn "$2" "$product/.$1.new"
    mv -T "$product/.$1.new" "$product/$1"
}

switch_to() { # folder of a version; the last step
    before=$(version_at current)
    sync
    if [ -n "$before" ] && [ "$before" != "$1" ]; then point_at previous "${before##*/}"; fi
    point_at current "${1##*/}"
    sync
}

forget_old_versions() {
    current=$(version_at current)
    previous=$(version_at previous)
    for old in "$product"/*/; do
        old=${old%/}
        [ -L "$old" ] || [ "$old" = "$current" ] || [ "$old" = "$previous" ] || rm -rf "$old"
    done
}

start_units() { # a desk without keys is there to be set up
    runs_systemd || return 0
    systemctl daemon-reload
    udevadm control --reload 2>/dev/null || :
    systemctl try-restart 'madoguchi*.service' || :
    # shellcheck disable=SC2086 # a list of names
    systemctl start --no-block $units
}

go_back() {
    previous=$(version_at previous)
    [ -f "$previous/.complete" ] || fail "前の版がありません。何も変えていません。" "no version before this one is kept."
    place_files "$previous" "$(version_at current)"
    switch_to "$previous"
    if runs_systemd; then
        systemctl daemon-reload
        systemctl try-restart 'madoguchi*.service' || :
    fi
    say "前の版に もどしました: ${previous##*/}。記録は そのままです。 / Went back to ${previous##*/}; records stay."
}

# --------------------------------------------------------------------------------------------------------------- the work

role=desk
work=install
while [ $# -gt 0 ]; do
    case $1 in
    --role) role=${2:-} && shift ;;
    --check) work=check ;;
    --back) work=back ;;
    *) usage ;;
    esac
    [ $# -eq 0 ] || shift
done
case $role in desk | office | both) ;; *) usage ;; esac

if [ $work = back ]; then
    [ "$(id -u)" = 0 ] || fail "root で実行してください。" "run it as root."
    go_back
    exit 0
fi
say "[1/6] 一式を確かめています / checking every file"
check_whole
if [ $work = check ]; then
    say "一式は そろっています。何も変えていません。 / The bundle is whole; nothing was changed."
    exit 0
fi
check_machine
units=$(told "role.$role")
scratch=$(mktemp -d)
log=$scratch/log
trap 'rm -rf "$scratch"' EXIT

say "[2/6] Debian パッケージ / Debian packages"
quiet_nginx
install_packages
say "[3/6] プログラム（数分かかることがあります） / the program, perhaps for minutes"
choose_folder
make_venv
say "[4/6] 部品と利用者 / units and users"
place_files "$folder" "$(version_at current)"
make_users
say "[5/6] 設定 / configuration"
write_settings
# shellcheck disable=SC2086 # a list of names
systemctl --quiet enable $units >>"$log" 2>&1 || explain "部品を有効にできません。" "the units could not be enabled."
say "[6/6] 切りかえ / switching over"
switch_to "$folder"
cp "$folder/uninstall.sh" "$product/uninstall.sh"
forget_old_versions
start_units
say "入れました: $(told version)（$role） / Installed $(told version), role $role."
[ -f /etc/madoguchi/town-keys.toml ] || [ "$role" = office ] ||
    say "つぎは 登録です / next: $product/current/bin/madoguchi enrol --config $settings --stick DIR"
