using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using Microsoft.ML.DrSeg.Benchmarks;

// `rewards [PYTHON]` sets the rewards beside their peers in Python; `lvis-like write FILE [IMAGES]` and `lvis-like read FILE`
// measure memory, as `model-memory` does for models, `batch-memory greedy|look ROWS` for batches and `training-memory [STEPS]`
// for long runs; `busy-machine` measures beside another program; `look-stages [FOLDER]` shows where Look-to-Confirm's time goes;
// `qwen-cost` sets a large policy's step beside its usual arrangements; `exchange`, started by mpirun, adds up gradients; anything else is BenchmarkDotNet's own command line.
if (args is ["rewards", ..])
    return RewardPeers.Run(args is [_, var python, ..] ? python : "python3", Path.Combine("artifacts", "benchmarks", "rewards.md"));
if (args is ["lvis-like", .. var task])
    return PeakMemory.Run(task);
if (args is ["model-memory"])
    return ModelMemory.Run();
if (args is ["batch-memory", .. var rows])
    return BatchMemory.Run(rows);
if (args is ["training-memory", .. var steps])
    return TrainingMemory.Run(steps);
if (args is ["qwen-cost"])
    return QwenCost.Run();
if (args is ["exchange"])
    return ExchangeCost.Run();
if (args is ["busy-machine"])
    return BusyMachine.Run();
if (args is ["spin"])
    return BusyMachine.Spin();
if (args is ["look-stages", .. var pictures])
    return LookStages.Run(pictures.FirstOrDefault());
// The projects that BenchmarkDotNet makes and builds switch Directory.Build.targets off, and with it the libtorch that loads here.
Job likeOurs = new Job().WithArguments([new MsBuildArgument("/p:ImportDirectoryBuildTargets=true")]).AsMutator();
BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args, DefaultConfig.Instance.AddJob(likeOurs));
return 0;
