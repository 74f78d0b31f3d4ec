#!/bin/sh
# Takes Madoguchi off this machine. As root:
#
#   sh /opt/madoguchi/uninstall.sh                    everything but records, keys and configuration
#   sh /opt/madoguchi/uninstall.sh --forget-records   those too, and the users; cannot be undone
#
# Debian packages stay. Deleting does not scrub a memory card; what the box kept was sealed before it was written.
set -eu
product=/opt/madoguchi
records="/etc/madoguchi /var/lib/madoguchi /var/lib/madoguchi-office /var/lib/madoguchi-receiver /var/lib/madoguchi-fault"
users="madoguchi madoguchi-sync madoguchi-office madoguchi-receiver madoguchi-tls madoguchi-hall madoguchi-kiosk"
wifi=/etc/NetworkManager/system-connections/madoguchi-hall.nmconnection # with its passphrase

say() { printf '%s\n' "$*"; }
fail() { # Japanese, English
    printf '\n中止: %s\nStopped: %s\n' "$1" "$2" >&2
    exit 1
}
runs_systemd() { [ -d /run/systemd/system ]; }

forget=no
case ${1:-} in
"") ;;
--forget-records) forget=yes ;;
*) fail "使い方: sh uninstall.sh [--forget-records]" "usage: sh uninstall.sh [--forget-records]" ;;
esac
[ "$(id -u)" = 0 ] || fail "root で実行してください。" "run it as root."

if [ -d "$product/current/root" ]; then
    for unit in "$product"/current/root/usr/lib/systemd/system/*; do
        unit=${unit##*/}
        case $unit in *@*) continue ;; esac
        ! runs_systemd || systemctl --quiet stop "$unit" 2>/dev/null || :
        systemctl --quiet disable "$unit" 2>/dev/null || :
    done
    (cd "$product/current/root" && find . -type f) | while read -r file; do rm -f "/${file#./}"; done
fi
[ ! -e "$product/.nginx-masked" ] || rm -f /etc/systemd/system/nginx.service
rm -rf "$product"
! runs_systemd || systemctl daemon-reload

if [ $forget = yes ]; then
    # shellcheck disable=SC2086 # lists of names
    rm -rf $records
    rm -f "$wifi"
    for user in $users; do
        ! id "$user" >/dev/null 2>&1 || userdel "$user" 2>/dev/null || :
        ! getent group "$user" >/dev/null || groupdel "$user" 2>/dev/null || :
    done
    say "プログラムと 記録を すべて消しました。 / Program and records are gone."
else
    say "プログラムを 消しました。記録・鍵・設定は のこっています: $records"
    say "The program is gone; records, keys and configuration stay."
fi
