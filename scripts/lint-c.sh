#!/bin/sh
# Static analysis of all C here: gcc's analyser, cppcheck, clang-tidy, and the layout of what was written by hand.
# Exits 1 when any of them has something to say.
set -u
cd "$(dirname "$0")/.." || exit 2

status=0
check() {
    what=$1
    shift
    if output=$("$@" 2>&1) && [ -z "$output" ]; then
        printf 'lint: %-12s %s\n' "$what" ok
    else
        printf 'lint: %-12s FAILED: %s\n%s\n' "$what" "$*" "$output"
        status=1
    fi
}

# clang-tidy counts the warnings that it suppressed on standard error, even when there is nothing to say.
tidy() { clang-tidy --quiet --warnings-as-errors='*' "$@" 2>/dev/null; }

strict='-std=c99 -O2 -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Wstrict-prototypes -Werror'
generated=$(find Generated -name '*.c' -not -path '*/test/*' 2>/dev/null | sort)
fixed=$(find Sources/CFixedPoint -name '*.c' | sort)
host='targets/common/platform_host.c'
cortex='targets/common/platform_semihosting.c targets/common/start_cortex_m.c'
tools='targets/tools/qemu_counts.c'
[ -e /usr/include/simavr/sim_avr.h ] && tools="$tools targets/tools/simavr_runner.c"
includes="-I targets/common -I Sources/CFixedPoint/include"
for folder in Generated/*/include; do [ -d "$folder" ] && includes="$includes -I $folder"; done

# The word splitting of these lists is what we want; no path here has a space.
# shellcheck disable=SC2086
{
    for file in $generated $fixed; do
        check "$(basename "$file")" gcc $strict -ffreestanding -fanalyzer $includes -c "$file" -o /dev/null
    done
    check 'gcc host' gcc $strict -fanalyzer $includes -c $host -o /dev/null
    for file in $tools; do
        check "$(basename "$file")" gcc -std=c11 -D_GNU_SOURCE -O2 -Wall -Wextra -Werror -fanalyzer -c "$file" -o /dev/null
    done
    if command -v arm-none-eabi-gcc >/dev/null; then
        for file in $cortex; do
            check "$(basename "$file")" \
                arm-none-eabi-gcc -mcpu=cortex-m3 -mthumb $strict -fanalyzer $includes -c "$file" -o /dev/null
        done
    fi
    # cppcheck needs hours for tables of hundreds of thousands of values; the code around them is that of the others.
    small=
    for file in $generated; do
        if [ "$(wc -c < "$file")" -lt 500000 ]; then
            small="$small $file"
        else
            echo "lint: cppcheck     leaves out $file, whose tables are too long for it"
        fi
    done
    check cppcheck cppcheck --std=c99 --quiet --error-exitcode=1 --enable=warning,style,performance,portability \
        --suppress=missingInclude --inline-suppr $includes $small $fixed $host $cortex $tools
    # Offsets into the network's arrays are 32-bit products: the planner refuses networks of 2^31 bytes and more.
    checks='-*,bugprone-*,clang-analyzer-*,-bugprone-easily-swappable-parameters'
    checks="$checks,-bugprone-implicit-widening-of-multiplication-result"
    # int8_t is a number here, never a character.
    checks="$checks,-bugprone-signed-char-misuse"
    checks="$checks,-clang-analyzer-security.insecureAPI.DeprecatedOrUnsafeBufferHandling"
    for file in $generated $fixed $host targets/common/platform_semihosting.c; do
        check 'clang-tidy' tidy --checks="$checks" "$file" -- -std=c99 $includes
    done
    check layout clang-format --dry-run -Werror targets/common/*.c targets/common/*.h targets/tools/*.c
}
exit $status
