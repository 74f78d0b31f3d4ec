#!/bin/busybox sh
# Process 1 of the guest: loads gpio-sim, steps into the host's root, runs the suite there and switches itself off.
export PATH=/bin
/bin/busybox --install -s /bin
mkdir -p /proc /sys
mount -t proc proc /proc
for name in virtio_ring virtio virtio_pci_modern_dev virtio_pci_legacy_dev virtio_pci netfs fscache 9pnet \
    9pnet_virtio 9p configfs gpio-sim; do
    [ ! -e "/modules/$name.ko" ] || insmod "/modules/$name.ko"
done
value() { tr ' ' '\n' </proc/cmdline | sed -n "s/^$1=//p"; }

mount -t 9p -o trans=virtio,version=9p2000.L,ro,msize=524288,cache=loose host /root || echo "GUEST no root"
mount -t proc proc /root/proc
mount -t sysfs sysfs /root/sys
mount -t configfs configfs /root/sys/kernel/config
mount -t devtmpfs devtmpfs /root/dev
for place in tmp run; do mount -t tmpfs tmpfs "/root/$place"; done
mkdir /root/tmp/here
house=$(value madoguchi.house)
ip link set lo up 2>/dev/null
echo "GUEST begins"
chroot /root /usr/bin/env -i HOME=/tmp LANG=C.UTF-8 LG_WD=/tmp/here PYTHONDONTWRITEBYTECODE=1 \
    PYTHONPATH="$house/build/gpio-sim/site:$house" GPIO_SIM_FOUND=/tmp/found GPIO_SIM_GUEST=1 PYTEST_DISABLE_PLUGIN_AUTOLOAD=1 \
    sh -c "cd $house && exec $(value madoguchi.python) -m pytest -c /dev/null --rootdir=. --import-mode=importlib -rfE -q --tb=short --color=no --durations=0 \
    -p no:cacheprovider tests/gpio_sim/test_chip.py $(value madoguchi.words | tr , ' ')"
echo "GUEST ends $?"
sed 's/^/GUEST found /' /root/tmp/found
poweroff -f
