#!/bin/sh
# Install the Debian packages that rendering needs and that are missing; do nothing when they are all there.
# Without root: print the one command that does it and stop with status 2.
set -eu

if ! command -v dpkg-query >/dev/null 2>&1; then
    echo "not a Debian-like system: install an OpenGL driver with EGL or OSMesa yourself; 'facegen doctor' checks it" >&2
    exit 0
fi

missing=""
need() {
    dpkg-query -W -f='${db:Status-Abbrev}' "$1" 2>/dev/null | grep -q '^ii' || missing="$missing $1"
}
# EGL and Mesa's drivers render; libgl1 and GLU are opened by PyOpenGL (GLU where it is there).
for package in libegl1 libgl1-mesa-dri libgl1 libglu1-mesa; do need "$package"; done
# Mesa 25.1 dropped OSMesa: newer systems do without.
if ! dpkg-query -W libosmesa6 >/dev/null 2>&1 && { [ -n "$missing" ] || apt-cache show libosmesa6 >/dev/null 2>&1; }; then need libosmesa6; fi
"${PYTHON:-python3}" -c "import ensurepip, venv" >/dev/null 2>&1 || need python3-venv

[ -z "$missing" ] && exit 0
if [ "$(id -u)" -ne 0 ]; then
    echo "system packages are missing; run this once, then make again:" >&2
    echo "    sudo apt-get install -y --no-install-recommends$missing" >&2
    exit 2
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update -q
case "$missing" in
    *libosmesa6*) apt-cache show libosmesa6 >/dev/null 2>&1 || missing=$(echo "$missing" | sed 's/ libosmesa6//') ;;
esac
# shellcheck disable=SC2086  (a list of words)
apt-get install -y -q --no-install-recommends $missing
