#!/usr/bin/env bash
# Builds, tests and runs Dr. Seg on Linux. Every verb first sets up what it needs; `build.ps1` is its twin elsewhere.
#   ./build.sh setup | build | test [filter] | demo [options] | bench [options] | docs | notebooks | pack
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

solution=Microsoft.ML.DrSeg.sln
picture_packages=(tuxpaint-stamps-default mate-backgrounds lomiri-wallpapers-16.04)

say() { echo "[build] $*"; }
fail() { echo "[build] error: $*" >&2; exit 1; }

# The package lists may never have been fetched, or be stale: one refresh, then the same command again.
apt_get() { apt-get -qq "$@" 2>/dev/null || { apt-get -qq update && apt-get -qq "$@"; }; }

# Photographs for the composed scenes: unpacked under artifacts/, not installed.
unpack_pictures() {
    local assets=artifacts/assets missing=()
    for package in "${picture_packages[@]}"; do [ -d "$assets/usr/share/doc/$package" ] || missing+=("$package"); done
    [ ${#missing[@]} -gt 0 ] || return 0
    command -v apt-get > /dev/null || fail "the pictures come from the Debian packages ${missing[*]}: unpack them into $assets by hand"
    say "downloading pictures: ${missing[*]} (up to 225 MB)"
    local fresh=artifacts/assets.new
    rm -rf "$fresh" && mkdir -p "$fresh"
    # apt's own user cannot write here, and what is only unpacked needs no such guard.
    (cd "$fresh" && apt_get -o APT::Sandbox::User="$(id -un)" download "${missing[@]}") || fail "download failed"
    if [ -d "$assets" ]; then cp -a "$assets/." "$fresh"; fi
    for archive in "$fresh"/*.deb; do dpkg -x "$archive" "$fresh"; done
    rm "$fresh"/*.deb
    rm -rf "$assets" && mv "$fresh" "$assets" # whole or not at all
}

setup() {
    command -v dotnet > /dev/null || fail "the .NET 10 SDK is missing: https://dotnet.microsoft.com/download"
    unpack_pictures
}

build() { dotnet build "$solution" -c Release "$@"; }

# Last line: the sums over all test projects. Fails where a test failed, a run broke off, or nothing ran.
run_tests() {
    local results=artifacts/test-results status=0
    rm -rf "$results"
    DRSEG_ASSETS=${DRSEG_ASSETS:-$PWD/artifacts/assets} dotnet test "$solution" -c Release --logger trx --results-directory "$results" "$@" || status=$?
    find "$results" -name '*.trx' -exec grep -ho '<Counters [^>]*' {} + 2>/dev/null | awk '
        function counter(name) { match($0, " " name "=\"[0-9]+"); return substr($0, RSTART + length(name) + 3, RLENGTH - length(name) - 3) }
        { passed += counter("passed"); failed += counter("failed"); skipped += counter("total") - counter("executed") }
        END { printf "%d passed, %d failed, %d skipped\n", passed, failed, skipped; exit passed + failed == 0 }' || status=1
    return "$status"
}

demo() { dotnet run -c Release --project src/Microsoft.ML.DrSeg.Tool -- demo "$@"; }

bench() { dotnet run -c Release --project benchmarks/Microsoft.ML.DrSeg.Benchmarks -- "$@"; }

# Guides, results and API reference as a site. Links that lead nowhere are errors; public members without a comment are so in the library's build.
docs() {
    rm -rf artifacts/site artifacts/api
    dotnet tool restore
    dotnet docfx docs/docfx.json --warningsAsErrors "$@"
    say "artifacts/site/index.html"
}

# Runs the notebooks and writes what they give into them; without the variable the same tests compare.
notebooks() {
    DRSEG_WRITE_DOCS=1 DRSEG_ASSETS=${DRSEG_ASSETS:-$PWD/artifacts/assets} dotnet test test/Microsoft.ML.DrSeg.Package.Tests -c Release --filter FullyQualifiedName~ItGivesWhatItStores "$@"
}

pack() { dotnet pack src/Microsoft.ML.DrSeg -c Release -o artifacts/packages "$@"; }

verb=${1:-}
case "$verb" in
    setup) setup; say ready ;;
    build | demo | bench | docs | notebooks | pack) setup; shift; "$verb" "$@" ;;
    test) setup; shift; run_tests "$@" ;;
    *) sed -n '2,3s/^# *//p' "$0"; exit 2 ;;
esac
