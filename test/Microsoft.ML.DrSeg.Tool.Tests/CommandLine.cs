using System.Reflection;
using Microsoft.ML.DrSeg.Studies;
using NUnit.Framework;
using Spectre.Console;

namespace Microsoft.ML.DrSeg.Tool.Tests;

/// <summary>The command line, or that of the studies, through its own entry point: within this process, where starting another would take most of the time, or in one of its own.</summary>
internal static class CommandLine
{
    public static readonly string Program = typeof(DrSegCommand).Assembly.Location;

    private static readonly HashSet<string> Studies = [.. StudiesCommand.Create().Subcommands.Select(command => command.Name)];

    /// <summary>Runs it within this process, what it writes caught.</summary>
    public static Said Run(params string[] arguments)
    {
        (TextWriter output, TextWriter errors, IAnsiConsole console) = (Console.Out, Console.Error, AnsiConsole.Console);
        using var written = new StringWriter();
        using var complained = new StringWriter();
        try
        {
            var caught = TextWriter.Synchronized(written);
            Console.SetOut(caught);
            Console.SetError(TextWriter.Synchronized(complained));
            AnsiConsole.Console = AnsiConsole.Create(new AnsiConsoleSettings
            {
                Ansi = AnsiSupport.No,
                Interactive = InteractionSupport.No,
                Out = new AnsiConsoleOutput(caught),
            });
            Type program = arguments is [string first, ..] && Studies.Contains(first) ? typeof(StudiesCommand) : typeof(DrSegCommand);
            int code = (int)program.Assembly.EntryPoint!.Invoke(null, BindingFlags.DoNotWrapExceptions, null, [arguments], null)!;
            return new Said(code, written.ToString(), complained.ToString());
        }
        finally
        {
            Console.SetOut(output);
            Console.SetError(errors);
            AnsiConsole.Console = console;
        }
    }

    /// <summary>Runs it within this process to a good end.</summary>
    /// <returns>What it wrote to standard output.</returns>
    public static string Succeed(params string[] arguments)
    {
        Said said = Run(arguments);
        Assert.That(said.Code, Is.Zero, said.Errors);
        return said.Output;
    }

    /// <summary>
    /// Runs it within this process in an empty folder, and sees to what every mistake of a user leads to: a code, one line
    /// on the error stream, and nothing else anywhere.
    /// </summary>
    public static void Refuse(int code, string[] mentioned, params string[] arguments)
    {
        string before = Environment.CurrentDirectory, empty = Directory.CreateTempSubdirectory("drseg-test-").FullName;
        try
        {
            Environment.CurrentDirectory = empty;
            Said said = Run(arguments);
            Assert.Multiple(() =>
            {
                Assert.That(said.Code, Is.EqualTo(code), said.Errors);
                Assert.That(said.Output, Is.Empty);
                Assert.That(said.Errors, Does.Match(@"\A(drseg|studies): [^\r\n]+\r?\n\z"), "one line");
                Assert.That(said.Errors, Does.Not.Contain("(Parameter").And.Not.Contain("System.").And.Not.Contain("Microsoft.ML"));
                foreach (string part in mentioned) Assert.That(said.Errors, Does.Contain(part));
                Assert.That(Directory.EnumerateFileSystemEntries(empty), Is.Empty, "nothing is written");
            });
        }
        finally
        {
            Environment.CurrentDirectory = before;
            Directory.Delete(empty, recursive: true);
        }
    }
}

/// <summary>What a run of the command line ended with and wrote.</summary>
internal sealed record Said(int Code, string Output, string Errors);
