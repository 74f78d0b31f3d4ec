#!/bin/sh
# Lets this machine run the programs of a Raspberry Pi while a bundle is built: sh emulate.sh aarch64. As root; nothing of it
# outlasts a restart but the package qemu-user-static.
set -eu
machine=$1
table=/proc/sys/fs/binfmt_misc

[ "$(uname -m)" != "$machine" ] || exit 0
[ ! -e "$table/qemu-$machine" ] || exit 0
command -v "qemu-$machine-static" >/dev/null 2>&1 || {
    echo "      qemu-user-static を入れています / installing qemu-user-static" >&2
    DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends install qemu-user-static >/dev/null
}
[ -e "$table/register" ] || mount -t binfmt_misc binfmt_misc "$table"
[ -e "$table/qemu-$machine" ] || cat /usr/lib/binfmt.d/"qemu-$machine"*.conf >"$table/register"
[ -e "$table/qemu-$machine" ] || {
    echo "$machine を まねできません / this kernel does not emulate $machine" >&2
    exit 1
}
