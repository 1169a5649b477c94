using BenchmarkDotNet.Running;
using Microsoft.ML.DrSeg.Benchmarks;

// `rewards [PYTHON]` sets the rewards beside their peers in Python; anything else is BenchmarkDotNet's own command line.
if (args is ["rewards", ..])
    return RewardPeers.Run(args is [_, var python, ..] ? python : "python3", Path.Combine("artifacts", "benchmarks", "rewards.md"));
BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
return 0;
