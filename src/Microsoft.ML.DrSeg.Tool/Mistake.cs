using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Microsoft.ML.DrSeg.Tool;

/// <summary>One line for what the user can mend, in the words of the command line.</summary>
internal static partial class Mistake
{
    /// <summary>Says what is wrong with a command line that is not well formed.</summary>
    public static string Describe(ParseResult parsed)
    {
        System.CommandLine.Command command = parsed.CommandResult.Command;
        string name = Name(parsed.CommandResult), more = $"'{name} --help' tells more.";
        if (parsed.UnmatchedTokens is [string unknown, ..])
            return unknown.StartsWith('-') ? $"'{name}' has no option '{unknown}'; {more}"
                : command.Subcommands.Count > 0 ? $"'{name}' has no command '{unknown}', only {Names(command)}; {more}"
                : $"'{name}' does not know what to do with '{unknown}'; {more}";
        if (command.Subcommands.Count > 0) return $"'{name}' needs a command: {Names(command)}; {more}";
        ParseError error = parsed.Errors[0];
        return error.SymbolResult switch
        {
            OptionResult { Implicit: false, Tokens.Count: 0 } bare => $"{bare.Option.Name} needs a value: {ValueOption.Allowed(bare.Option.ValueType)}.",
            ArgumentResult { Tokens.Count: 0, Parent: CommandResult } missing => $"'{name}' needs {missing.Argument.Name.ToUpperInvariant()}: {missing.Argument.Description}; {more}",
            _ => error.Message,
        };
    }

    /// <summary>Says what an exception says: an option of the command is named, and its value told, as the user wrote it.</summary>
    public static string Describe(Exception error, System.CommandLine.Command command)
    {
        // .NET adds the parameter's name to what was thrown, and the value in a line of its own.
        string text = ParameterName().Replace(error.Message.Split($"{Environment.NewLine}Actual value was")[0], "");
        if (error is not ArgumentException { ParamName: { Length: > 0 } parameter }) return text;
        string option = OptionNames.OnCommandLine(parameter);
        bool isKnown = command.Options.Any(known => known.Name == option);
        const string Must = " must be ";
        return error is ArgumentOutOfRangeException { ActualValue: { } value } && text.IndexOf(Must, StringComparison.Ordinal) is > 0 and var at
            ? string.Create(CultureInfo.InvariantCulture, $"{(isKnown ? option : text[..at])} is {value}, but{text[at..]}")
            : text;
    }

    [GeneratedRegex(@" \(Parameter '[\w.]*'\)")]
    private static partial Regex ParameterName();

    private static string Name(CommandResult result) => result.Parent is CommandResult above ? $"{Name(above)} {result.Command.Name}" : CommandLineProgram.Name;

    private static string Names(System.CommandLine.Command command) => string.Join(", ", command.Subcommands.Select(below => below.Name));
}
