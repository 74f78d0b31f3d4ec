#!/bin/sh
# Runs inside a bare root of the box's own Debian and architecture: fetches the packages a box needs (named as arguments)
# as an apt repository of its own, then builds the two wheels that exist nowhere. /sources comes in, /out goes back.
set -eu
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8

say() { printf '      %s\n' "$*" >&2; }
apt() { apt-get -qq -y --no-install-recommends "$@" >>/out/log 2>&1; }

mkdir -p /out/debs/partial /out/wheels
trap 'tail -n 20 /out/log >&2' EXIT

say "Debian のパッケージを集めています / fetching Debian packages"
apt --download-only -o Dir::Cache::archives=/out/debs install "$@"
rm -rf /out/debs/partial /out/debs/lock

say "コンパイラーを入れています / installing a compiler"
apt install gcc libc6-dev python3-dev python3-pip python3-setuptools python3-wheel swig libpcsclite-dev pkg-config apt-utils

cd /out/debs
for deb in *%3a*.deb; do # an epoch's colon, as a stick and a URL can bear it
    [ ! -e "$deb" ] || mv "$deb" "$(printf %s "$deb" | sed 's/%3a/-/')"
done
apt-ftparchive packages . >Packages 2>>/out/log

say "lgpio と pyscard を作っています / building lgpio and pyscard"
cd /sources
# PYPI=1: lgpio brings its C library along instead of looking for one on the box.
PYPI=1 python3 -m pip --isolated wheel --quiet --no-index --find-links /sources --no-deps --no-build-isolation \
    --no-cache-dir --require-hashes --requirement built.lock --wheel-dir /out/wheels >>/out/log 2>&1
trap - EXIT
