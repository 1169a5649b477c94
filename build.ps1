# Builds, tests and runs Dr. Seg on Windows and macOS; the twin of `build.sh`.
#   ./build.ps1 setup | build | test [filter] | demo [options] | bench [options] | studies COMMAND [options] | docs | notebooks | pack
$ErrorActionPreference = 'Stop'
$env:DOTNET_CLI_TELEMETRY_OPTOUT = 1
$env:DOTNET_NOLOGO = 1

$solution = 'Microsoft.ML.DrSeg.sln'
$mirror = 'https://deb.debian.org/debian/pool/main'
$pictures = @(
    @{ Name = 'tuxpaint-stamps-default'; Path = 't/tuxpaint-stamps/tuxpaint-stamps-default_2022.06.04-1_all.deb'
       Sha256 = '6db6c1bfc870a47f1499d6203b083522eacb57c5f9c87d468f2e92eb6d9d5f34' },
    @{ Name = 'mate-backgrounds'; Path = 'm/mate-backgrounds/mate-backgrounds_1.26.0-1_all.deb'
       Sha256 = '7bf4c2209f34b4f61ba6d24c8b58c28b361e82e4b943aae6d42c030169af9e04' },
    @{ Name = 'lomiri-wallpapers-16.04'; Path = 'l/lomiri-wallpapers/lomiri-wallpapers-16.04_20.04.0-2_all.deb'
       Sha256 = 'a99ff6a3bfe451e4cc0682ecb3cc82e71740626d59e4845ae34a0a0e45421eab' })

function Run([string] $program) { & $program @args; if ($LASTEXITCODE) { throw "$program failed with code $LASTEXITCODE" } }

# Photographs for the composed scenes: a .deb is an `ar` archive, which the bsdtar of Windows and macOS opens.
function Expand-Pictures {
    foreach ($package in $pictures) {
        if (Test-Path "artifacts/assets/usr/share/doc/$($package.Name)") { continue }
        Write-Host "[build] downloading pictures: $($package.Name)"
        $fresh = 'artifacts/assets.new'
        if (Test-Path $fresh) { Remove-Item $fresh -Recurse }
        New-Item $fresh -ItemType Directory | Out-Null
        Invoke-WebRequest "$mirror/$($package.Path)" -OutFile "$fresh/package.deb"
        if ((Get-FileHash "$fresh/package.deb").Hash -ne $package.Sha256) { throw "$($package.Path): the download is damaged" }
        Run tar -xf "$fresh/package.deb" -C $fresh
        New-Item artifacts/assets -ItemType Directory -Force | Out-Null
        # The notes under usr/share/doc, by which the next run knows that nothing is missing, come last.
        Run tar -xf "$fresh/data.tar.xz" -C artifacts/assets --exclude './usr/share/doc*'
        Run tar -xf "$fresh/data.tar.xz" -C artifacts/assets './usr/share/doc'
        Remove-Item $fresh -Recurse
    }
}

function Initialize-Repository {
    New-Item artifacts -ItemType Directory -Force | Out-Null
    Expand-Pictures
}

# Last line: the sums over all test projects. Fails where a test failed, a run broke off, or nothing ran.
function Invoke-Tests {
    $results = 'artifacts/test-results'
    if (Test-Path $results) { Remove-Item $results -Recurse }
    dotnet test $solution -c Release --logger trx --results-directory $results @args
    $status = $LASTEXITCODE
    $passed = $failed = $skipped = 0
    foreach ($file in Get-ChildItem $results -Filter *.trx -ErrorAction SilentlyContinue) {
        $counters = ([xml](Get-Content $file.FullName -Raw)).TestRun.ResultSummary.Counters
        $passed += [int]$counters.passed
        $failed += [int]$counters.failed
        $skipped += [int]$counters.total - [int]$counters.executed
    }
    Write-Host "$passed passed, $failed failed, $skipped skipped"
    if ($status -or -not ($passed + $failed)) { exit 1 }
}

$verb, $rest = $args
if ($null -eq $rest) { $rest = @() }
Push-Location $PSScriptRoot
try {
    if ($verb -in 'setup', 'build', 'test', 'demo', 'bench', 'studies', 'docs', 'notebooks', 'pack') { Initialize-Repository }
    switch ($verb) {
        'setup' { Write-Host '[build] ready' }
        'build' { Run dotnet build $solution -c Release @rest }
        'test' { Invoke-Tests @rest }
        'demo' { Run dotnet run -c Release --project src/Microsoft.ML.DrSeg.Tool '--' demo @rest }
        'bench' { Run dotnet run -c Release --project benchmarks/Microsoft.ML.DrSeg.Benchmarks '--' @rest }
        'studies' { Run dotnet run -c Release --project benchmarks/Microsoft.ML.DrSeg.Studies '--' @rest }
        'docs' {
            Remove-Item artifacts/site, artifacts/api -Recurse -ErrorAction SilentlyContinue
            Run dotnet tool restore
            Run dotnet docfx docs/docfx.json --warningsAsErrors @rest
            Write-Host '[build] artifacts/site/index.html'
        }
        'notebooks' {
            $env:DRSEG_WRITE_DOCS = 1
            try { Run dotnet test test/Microsoft.ML.DrSeg.Package.Tests -c Release --filter FullyQualifiedName~ItGivesWhatItStores @rest }
            finally { Remove-Item env:DRSEG_WRITE_DOCS }
        }
        'pack' { foreach ($package in 'Microsoft.ML.DrSeg', 'Microsoft.ML.DrSeg.Compact', 'Microsoft.ML.DrSeg.Mpi', 'Microsoft.ML.DrSeg.Qwen', 'Microsoft.ML.DrSeg.Scenes') { Run dotnet pack "src/$package" -c Release -o artifacts/packages @rest } }
        default { Get-Content $PSCommandPath -TotalCount 3 | Select-Object -Last 2; exit 2 }
    }
}
finally { Pop-Location }
