#!/bin/sh
# Prepares a guest whose kernel has gpio-sim, in the folder given as $1, for the Python given as $2.
#
# Debian's kernel has no gpio-sim, but its source does. Everything comes from Debian's archive through apt and is only
# unpacked in there; the kernel's code (GPL) stays there and is part of no product.
set -eu

folder=$1
python=$2
house=$PWD
mkdir -p "$folder/debs"
cd "$folder"
folder=$PWD
tree=$folder/tree

say() { printf '%s\n' "$*"; }
fail() {
    printf 'gpio-sim: %s\n' "$1" >&2
    exit 1
}

for tool in gcc make apt-get dpkg; do
    command -v "$tool" >/dev/null || fail "$tool is not here"
done
[ "$(dpkg --print-architecture)" = amd64 ] || fail "the guest is built on amd64 only"
needed=$(apt-cache depends linux-headers-amd64 | sed -n 's/^ *Depends: linux-headers-\(.*\)-amd64$/\1/p')
[ -n "$needed" ] || fail "apt knows no linux-headers-amd64 (apt-get update?)"
series=$(printf '%s' "$needed" | cut -d . -f 1,2)
release=$needed-amd64
asked="$release $("$python" -c 'import sys; print(sys.implementation.cache_tag)') $house"
[ "$(cat prepared 2>/dev/null || :)" != "$asked" ] || exit 0
rm -rf prepared tree module site wheels initramfs initramfs.gz

say "Debian のカーネル $release を取り出しています / fetching Debian's kernel $release and its source"
compiler=$(apt-cache depends "linux-headers-$release" | sed -n 's/^ *Depends: \(linux-compiler-.*\)$/\1/p')
(cd debs && rm -f -- *.deb && apt-get -qq download "linux-image-$release" "linux-headers-$release" \
    "linux-headers-$needed-common" "linux-kbuild-$series" $compiler "linux-source-$series" \
    busybox-static swig swig4.0 2>../log) || fail "not everything could be fetched: $(tail -n 1 log)"
for deb in debs/*.deb; do
    case $deb in
    */linux-source*) ;;
    *) dpkg -x "$deb" tree ;;
    esac
done

say "gpio-sim を作っています / building gpio-sim"
mkdir module
dpkg --fsys-tarfile debs/linux-source-*.deb | tar -xO "./usr/src/linux-source-$series.tar.xz" | xz -dc |
    tar -x -C module --strip-components=3 "linux-source-$series/drivers/gpio/gpio-sim.c" \
        "linux-source-$series/drivers/gpio/gpiolib.h" "linux-source-$series/kernel/irq/irq_sim.c"
cd module
mv gpio-sim.c chip.c
# The kernel exports no irq_to_desc to modules; this asks the same.
sed -i 's/irq_to_desc(irqnum)/irq_data_to_desc(irq_get_irq_data(irqnum))/' irq_sim.c
printf 'obj-m := gpio-sim.o\ngpio-sim-y := chip.o irq_sim.o\n' >Kbuild
headers=$tree/usr/src/linux-headers-$release
sed -i "s#^include /usr/src#include $tree/usr/src#" "$headers/Makefile"
make -s -C "$headers" M="$PWD" modules >../log 2>&1 || fail "gpio-sim does not build: $(grep -m 1 error ../log)"
cd ..

say "lgpio を作っています / building lgpio"
sed -n '/^lgpio==/,/--hash/p' "$house/requirements/built.lock" | sed '$s/ \\$//' >lgpio.lock
PATH=$tree/usr/bin:$PATH SWIG_LIB=$tree/usr/share/swig4.0 PYPI=1 "$python" -m pip wheel --quiet --no-deps \
    --no-binary lgpio --require-hashes --requirement lgpio.lock --wheel-dir wheels 2>log ||
    fail "lgpio does not build: $(tail -n 1 log)"
"$python" -m pip install --quiet --no-deps --no-index --target site wheels/lgpio-*.whl

say "起動用の小さなファイルシステムを作っています / packing what the guest starts from"
mkdir -p initramfs/bin initramfs/modules initramfs/root
cp tree/bin/busybox initramfs/bin/
for name in virtio_ring virtio virtio_pci_modern_dev virtio_pci_legacy_dev virtio_pci netfs fscache 9pnet \
    9pnet_virtio 9p configfs; do
    found=$(find "tree/lib/modules/$release/kernel" -name "$name.ko*")
    [ -n "$found" ] || continue # built in
    case $found in *.xz) xz -dc "$found" >"initramfs/modules/$name.ko" ;; *) cp "$found" initramfs/modules/ ;; esac
done
cp module/gpio-sim.ko initramfs/modules/
install -m 755 "$house/tests/gpio_sim/init.sh" initramfs/init
(cd initramfs && find . | bin/busybox cpio -o -H newc 2>/dev/null | gzip) >initramfs.gz
cp "tree/boot/vmlinuz-$release" kernel
printf '%s' "$asked" >prepared
rm -rf tree debs initramfs
