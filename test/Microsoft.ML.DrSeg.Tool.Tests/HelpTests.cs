using System.CommandLine;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Microsoft.ML.DrSeg.Tests;
using NUnit.Framework;

namespace Microsoft.ML.DrSeg.Tool.Tests;

public class HelpTests
{
    private static readonly string[][] Paths = [.. PathsOf(DrSegCommand.Create())];

    [TestCaseSource(nameof(Paths))]
    public void HelpTellsOfEveryOptionArgumentAndCommand(params string[] path)
    {
        System.CommandLine.Command command = path.Aggregate((System.CommandLine.Command)DrSegCommand.Create(), (above, name) => above.Subcommands.Single(below => below.Name == name));
        Said said = CommandLine.Run([.. path, "--help"]);
        Assert.That((said.Code, said.Errors), Is.EqualTo((0, "")));
        // One line each where the output is no terminal: the name, what kind of value, and what it is about.
        string[] lines = said.Output.Split('\n', StringSplitOptions.TrimEntries);
        Assert.Multiple(() =>
        {
            Assert.That(command.Description, Is.Not.Null.And.Not.Empty);
            Assert.That(lines, Does.Contain(command.Description));
            foreach (Symbol symbol in command.Options.Cast<Symbol>().Concat(command.Arguments).Concat(command.Subcommands))
            {
                Assert.That(symbol.Description, Is.Not.Null.And.Not.Empty.And.Not.Contains("Microsoft.ML"), symbol.Name);
                var line = new Regex($"(^|[ <]){Regex.Escape(symbol.Name)}[ ,>].* {Regex.Escape(symbol.Description ?? "?")}( \\[default: .+\\])?$");
                Assert.That(lines.Count(line.IsMatch), Is.EqualTo(1), symbol.Name);
            }
        });
    }

    [Test]
    public void HelpNamesTheChoicesAndTheDefaults() => Assert.That(CommandLine.Succeed("train", "--help"), Does
        .Match(@"--loss-aggregation <\w+(\|\w+)*> +How.* \[default: Grpo\]").And
        .Match(@"--steps <whole number> .* \[default: \d+\]").And
        .Match(@"--ranking <WithinGroup\|ReferenceWindow>"));

    [Test]
    public void HelpListsOptionsUnderTheirTopics()
    {
        string[] lines = CommandLine.Succeed("train", "--help").Split(Environment.NewLine);
        string TopicOf(string option) => lines.Take(Array.FindIndex(lines, line => line.Contains($"  {option} ", StringComparison.Ordinal))).Last(line => line.Length > 0 && line[0] != ' ');
        Assert.That(new[] { "--options", "--data", "--steps", "--group-size", "--look-to-confirm", "--ranking", "--clip-high", "--learning-rate", "--patience", "--resume", "--qwen", "--recipe", "--longest-answer" }.Select(TopicOf), Is.EqualTo(new[]
        {
            "Options:", "Data:", "Training:", "Sampling:", "Sampling:", "Reward:", "Objective:", "Optimizer:", "Validation:", "Run:", "Real model:", "Real model:", "Real model:",
        }));
        Assert.That(lines.Count(line => line == "Sampling:"), Is.EqualTo(1));
    }

    [Test]
    public void TheVersionIsThatOfTheBuild()
    {
        string version = XDocument.Load(Path.Combine(Repository.Root, "Directory.Build.props")).Descendants("Version").Single().Value;
        // In a process of its own: the version is that of the program which runs.
        (int code, string output, string errors) = DotnetProcess.Run(CommandLine.Program, "--version");
        Assert.That((code, errors), Is.EqualTo((0, "")));
        Assert.That(output, Does.Match($@"\A{Regex.Escape(version)}(\+[0-9a-f]+)?\s*\z"));
    }

    [Test]
    public void TheShellCompletesOptions() => Assert.That(CommandLine.Succeed("[suggest:12]", "train --loss"), Does.Contain("--loss-aggregation"));

    private static IEnumerable<string[]> PathsOf(System.CommandLine.Command command) =>
        [[], .. command.Subcommands.SelectMany(below => PathsOf(below).Select(rest => (string[])[below.Name, .. rest]))];
}
