#!/usr/bin/env bash
# Builds, tests and runs Dr. Seg on Linux. Every verb first sets up what it needs; `build.ps1` is its twin elsewhere.
#   ./build.sh setup | build | test [filter] | demo [options] | bench [options] | docs | pack
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

solution=Microsoft.ML.DrSeg.sln
engine_packages=(libtorch-dev libopencv-imgcodecs-dev libopenblas0-openmp cmake ninja-build g++)
picture_packages=(tuxpaint-stamps-default mate-backgrounds lomiri-wallpapers-16.04)

say() { echo "[build] $*"; }
fail() { echo "[build] error: $*" >&2; exit 1; }

# The package lists may never have been fetched, or be stale: one refresh, then the same command again.
apt_get() { apt-get -qq "$@" 2>/dev/null || { apt-get -qq update && apt-get -qq "$@"; }; }

# What artifacts/packages.props says, or the variable of the same name, which is stronger.
package_set() { echo "${MLNetPackages:-$(sed -n 's:.*>\(official\|standin\)<.*:\1:p' artifacts/packages.props 2>/dev/null)}"; }

# Restores an empty project that asks for exactly the official versions, and keeps the answer.
probe_packages() {
    [ -z "$(package_set)" ] || return 0
    say "asking the package feed for the official ML.NET and TorchSharp packages"
    local probe=artifacts/probe torch=TorchSharp-cpu
    [ "${TorchPackage:-cpu}" = cpu ] || torch=TorchSharp-cuda-linux
    rm -rf "$probe" && mkdir -p "$probe"
    for file in Directory.Build.props Directory.Build.targets Directory.Packages.props; do
        echo '<Project />' > "$probe/$file" # shields the probe from the repository's own
    done
    {
        echo '<Project Sdk="Microsoft.NET.Sdk"><PropertyGroup><TargetFramework>net10.0</TargetFramework></PropertyGroup><ItemGroup>'
        for package in Microsoft.ML Microsoft.ML.ImageAnalytics TorchSharp "$torch"; do
            sed -n "s:.*<PackageVersion Include=\"$package\" Version=\"\(.*\)\".*:<PackageReference Include=\"$package\" Version=\"[\1]\" />:p" Directory.Packages.props
        done
        echo '</ItemGroup></Project>'
    } > "$probe/probe.csproj"

    local answer=official
    if ! dotnet restore "$probe/probe.csproj" > "$probe/restore.log" 2>&1; then
        # "Not there" is an answer; a feed that cannot be reached is none, and nothing is remembered.
        grep -qE 'NU110[1-3]' "$probe/restore.log" || { cat "$probe/restore.log" >&2; fail "the package feed gave no answer (above)"; }
        answer=standin
    fi
    echo "<Project><PropertyGroup><MLNetPackages Condition=\"'\$(MLNetPackages)' == ''\">$answer</MLNetPackages></PropertyGroup></Project>" > "$probe/packages.props"
    mv "$probe/packages.props" artifacts/packages.props
    rm -rf "$probe"
    say "packages: $answer (remembered in artifacts/packages.props; delete it to ask again)"
}

# The stand-ins run on the distribution's libtorch and OpenCV; the official packages bring their own.
install_engine() {
    [ "$(package_set)" = standin ] || return 0
    local missing=()
    for package in "${engine_packages[@]}"; do
        [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    command -v apt-get > /dev/null || fail "the package feed lacks the official packages, and the stand-ins need Debian's or Ubuntu's: ${missing[*]}"
    [ "$(id -u)" = 0 ] || fail "missing: ${missing[*]}. Run './build.sh setup' once as root, or: sudo apt-get install --no-install-recommends ${missing[*]}"
    say "installing ${missing[*]} and what they need (a few minutes)"
    DEBIAN_FRONTEND=noninteractive apt_get install -y --no-install-recommends "${missing[@]}" > /dev/null
}

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
    mkdir -p artifacts
    probe_packages
    install_engine
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

# What lies under docs/ and is made from the library; the tests fail where it is stale.
docs() {
    dotnet run -c Release --project src/Microsoft.ML.DrSeg.Documentation -- api
    dotnet run -c Release --project src/Microsoft.ML.DrSeg.Documentation --no-build -- notebooks --update
}

pack() {
    [ "$(package_set)" = official ] || fail "a package is made only of the official packages, and the feed lacks them: a package built on the stand-ins would be of no use elsewhere"
    dotnet pack src/Microsoft.ML.DrSeg -c Release -o artifacts/packages "$@"
}

verb=${1:-}
case "$verb" in
    setup) setup; say "ready ($(package_set) packages)" ;;
    build | demo | bench | docs | pack) setup; shift; "$verb" "$@" ;;
    test) setup; shift; run_tests "$@" ;;
    *) sed -n '2,3s/^# *//p' "$0"; exit 2 ;;
esac
