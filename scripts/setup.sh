#!/bin/sh
# Installs what is missing on this machine, and says what and why.
#
#   scripts/setup.sh [build] [host] [emulators] [extras] [lint]      without arguments: build host emulators
#
# A Debian-like machine gets its packages by apt-get (with sudo only when not root, without prompts). Any other machine,
# and one without Swift, gets the list of what to install. Exits 0 when everything is there, 1 when something is not.
# When nothing is missing this only asks dpkg, which takes a few milliseconds.
set -eu

say() { printf 'setup: %s\n' "$*"; }
fail() { printf 'setup: %s\n' "$*" >&2; }

# One line per package: name, and what it is for.
packages_of() {
    case $1 in
    build)
        cat <<'LIST'
libhdf5-dev     reads .nir files
libkissfft-dev  Fourier transforms, for features of recordings
pkg-config      tells the build where libhdf5 is
LIST
        ;;
    host)
        cat <<'LIST'
gcc             compiles the generated C (target host-gcc)
g++             checks that the generated header is valid C++ too
libc6-dev       the C library's headers, for the drivers and test suites
make            runs the targets of this Makefile and of the generated networks
libcmocka-dev   the unit-test library of the generated suites
pkg-config      tells those suites where libcmocka is
valgrind        counts instructions on this machine (callgrind)
LIST
        # Swift's toolchain brings a clang of its own; whatever `clang` resolves to is the one that is used.
        command -v clang >/dev/null 2>&1 || echo 'clang           compiles the generated C (target host-clang)'
        ;;
    emulators)
        cat <<'LIST'
gcc-arm-none-eabi            compiles for the Cortex-M targets
libnewlib-arm-none-eabi      memcpy and friends for them
qemu-system-arm              runs them
gcc-riscv64-unknown-elf      compiles for rv32imc
picolibc-riscv64-unknown-elf memcpy and friends for it
qemu-system-misc             runs it
gcc-avr                      compiles for avr
avr-libc                     its headers and start-up code
libsimavr-dev                runs it (targets/tools/simavr_runner.c)
libelf-dev                   reads the program for that runner
gcc-powerpc-linux-gnu        compiles for big-endian
libc6-dev-powerpc-cross      its C library
qemu-user                    runs it, and counts what calls cost on this machine
LIST
        ;;
    extras)
        cat <<'LIST'
python3         runs the comparisons with PyTorch, JAX, snnTorch and Norse
python3-venv    keeps them apart from everything else
LIST
        ;;
    lint)
        cat <<'LIST'
cppcheck        looks for undefined behaviour in C
clang-tidy      looks for suspicious C
clang-format    lays C out
LIST
        ;;
    *)
        fail "there is no group '$1'; the groups are: build host emulators extras lint"
        return 2
        ;;
    esac
}

# `present` holds the names of all installed packages of the chosen groups: one call of dpkg-query for all.
installed() {
    case " $present " in *" $1 "*) return 0 ;; *) return 1 ;; esac
}

# The lines of the chosen groups whose package is not installed.
missing_lines() {
    names=$(for group in "$@"; do packages_of "$group"; done | while read -r package _; do printf '%s ' "$package"; done)
    # shellcheck disable=SC2086  # one word per package
    present=$(dpkg-query -W -f='${db:Status-Abbrev}${Package}\n' $names 2>/dev/null | sed -n 's/^ii *//p' | tr '\n' ' ')
    for group in "$@"; do
        packages_of "$group" || exit 2
    done | while read -r package reason; do
        installed "$package" || printf '%s %s\n' "$package" "$reason"
    done
}

show() {
    printf '%s\n' "$1" | while read -r package reason; do printf '  %-30s %s\n' "$package" "$reason"; done
}

check_swift() {
    if command -v swift >/dev/null 2>&1; then return 0; fi
    fail 'Swift 6.3 or later is not installed. The official installer (swift.org/install/linux):'
    cat >&2 <<'TEXT'

  curl -O https://download.swift.org/swiftly/linux/swiftly-$(uname -m).tar.gz && \
  tar zxf swiftly-$(uname -m).tar.gz && \
  ./swiftly init --quiet-shell-followup && \
  . "${SWIFTLY_HOME_DIR:-$HOME/.local/share/swiftly}/env.sh" && hash -r

TEXT
    return 1
}

run_apt() {
    if [ -t 1 ]; then quiet=-q; else quiet=-qq; fi
    # shellcheck disable=SC2086  # $as_root is empty or one word
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get $quiet -y \
        -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=300 "$@"
}

# Whatever `clang` resolves to on a machine with apt is known only after Swift was found, so Swift comes first.
for group in "$@"; do packages_of "$group" >/dev/null || exit 2; done
[ $# -gt 0 ] || set -- build host emulators
status=0
check_swift || status=1

if ! command -v apt-get >/dev/null 2>&1 || ! command -v dpkg-query >/dev/null 2>&1; then
    fail 'this machine has no apt-get. Please install, by its own means, what these Debian packages hold:'
    for group in "$@"; do packages_of "$group"; done | { lines=$(cat); show "$lines" >&2; }
    fail 'then set EPROPC_SKIP_SETUP=1 so that make takes them as installed.'
    [ -n "${EPROPC_SKIP_SETUP:-}" ] || status=1
    exit $status
fi

lines=$(missing_lines "$@")
if [ -z "$lines" ]; then
    [ $status -ne 0 ] || say "everything needed is installed ($*)"
    exit $status
fi

say "missing packages, and what each is for:"
show "$lines"
names=$(printf '%s\n' "$lines" | while read -r package _; do printf '%s ' "$package"; done)
as_root=
if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null 2>&1; then
        fail "not root, and there is no sudo. As root: apt-get install --no-install-recommends $names"
        exit 1
    fi
    as_root=sudo
fi
say "refreshing the package lists"
run_apt update || say "the package lists could not be refreshed; trying with those at hand"
say "installing (the emulators take about a minute)"
# shellcheck disable=SC2086  # one word per package
if ! run_apt install --no-install-recommends $names; then
    fail "apt-get could not install everything; its message is above"
    exit 1
fi
say "done"
exit $status
