#!/usr/bin/env bash
# Builds, tests and runs Dr. Seg on Linux. Every verb first sets up what it needs; `build.ps1` is its twin elsewhere.
#   ./build.sh setup | build | test [filter] | demo [options] | bench [options] | studies COMMAND [options] | docs | notebooks | pack
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

solution=Microsoft.ML.DrSeg.sln
# Debian's packages of the photographs with their SHA-256; of these versions, since others hold other pictures.
pictures=(
    t/tuxpaint-stamps/tuxpaint-stamps-default_2022.06.04-1_all.deb 6db6c1bfc870a47f1499d6203b083522eacb57c5f9c87d468f2e92eb6d9d5f34
    m/mate-backgrounds/mate-backgrounds_1.26.0-1_all.deb 7bf4c2209f34b4f61ba6d24c8b58c28b361e82e4b943aae6d42c030169af9e04
    l/lomiri-wallpapers/lomiri-wallpapers-16.04_20.04.0-2_all.deb a99ff6a3bfe451e4cc0682ecb3cc82e71740626d59e4845ae34a0a0e45421eab
)

say() { echo "[build] $*"; }
fail() { echo "[build] error: $*" >&2; exit 1; }

# apt's own downloader needs neither root nor package lists, and checks the checksum.
download() { /usr/lib/apt/apt-helper -qq -o APT::Sandbox::User="$(id -un)" download-file "http://deb.debian.org/debian/pool/main/$1" "$3" "SHA256:$2"; }

# Photographs for the composed scenes: unpacked under artifacts/, not installed.
unpack_pictures() {
    local assets=artifacts/assets fresh=artifacts/assets.new i name
    for ((i = 0; i < ${#pictures[@]}; i += 2)); do
        name=$(basename "${pictures[i]}"); name=${name%%_*}
        [ ! -d "$assets/usr/share/doc/$name" ] || continue
        [ -x /usr/lib/apt/apt-helper ] || fail "the pictures come from Debian's package ${pictures[i]}, and there is no apt to fetch it: unpack it into $assets by hand"
        say "downloading pictures: $name (up to 160 MB)"
        rm -rf "$fresh" && mkdir -p "$fresh" "$assets"
        download "${pictures[i]}" "${pictures[i + 1]}" "$fresh/package.deb" || fail "download failed"
        # The notes under usr/share/doc, by which the next run knows that nothing is missing, come last.
        dpkg-deb --fsys-tarfile "$fresh/package.deb" > "$fresh/data.tar"
        tar -xf "$fresh/data.tar" -C "$assets" --exclude './usr/share/doc*'
        tar -xf "$fresh/data.tar" -C "$assets" ./usr/share/doc
        rm -rf "$fresh"
    done
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

studies() { dotnet run -c Release --project benchmarks/Microsoft.ML.DrSeg.Studies -- "$@"; }

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

pack() {
    local package
    for package in Microsoft.ML.DrSeg Microsoft.ML.DrSeg.Compact Microsoft.ML.DrSeg.Mpi Microsoft.ML.DrSeg.Qwen Microsoft.ML.DrSeg.Scenes; do
        dotnet pack "src/$package" -c Release -o artifacts/packages "$@"
    done
}

verb=${1:-}
case "$verb" in
    setup) setup; say ready ;;
    build | demo | bench | studies | docs | notebooks | pack) setup; shift; "$verb" "$@" ;;
    test) setup; shift; run_tests "$@" ;;
    *) sed -n '2,3s/^# *//p' "$0"; exit 2 ;;
esac
