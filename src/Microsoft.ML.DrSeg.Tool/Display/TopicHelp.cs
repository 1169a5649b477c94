using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Microsoft.ML.DrSeg.Tool;

/// <summary>An option that belongs to a topic, under which the help lists it.</summary>
internal interface ITopical
{
    /// <summary>The topic; null for an option of the command itself.</summary>
    string? Topic { get; }
}

/// <summary>The usual help, with the options under the headings of their topics.</summary>
internal sealed class TopicHelp(HelpAction usual) : SynchronousCommandLineAction
{
    private const string Options = "Options:";

    public override int Invoke(ParseResult parseResult)
    {
        TextWriter output = parseResult.InvocationConfiguration.Output;
        using var written = new StringWriter();
        parseResult.InvocationConfiguration.Output = written;
        int code;
        try
        {
            code = usual.Invoke(parseResult);
        }
        finally
        {
            parseResult.InvocationConfiguration.Output = output;
        }
        var topics = parseResult.CommandResult.Command.Options
            .Where(option => option is ITopical { Topic: not null }).ToDictionary(option => option.Name, option => ((ITopical)option).Topic!);
        output.Write(UnderTopics(written.ToString(), topics));
        return code;
    }

    // An entry is a line that is indented by two spaces, and what is indented further below it.
    private static string UnderTopics(string help, Dictionary<string, string> topics)
    {
        string[] lines = help.Split(Environment.NewLine);
        int first = Array.IndexOf(lines, Options) + 1, end = Array.FindIndex(lines, first, line => line.Length == 0);
        if (first == 0 || topics.Count == 0) return help;
        var byTopic = new OrderedDictionary<string, List<string>> { [Options] = [] };
        string topic = Options;
        foreach (string line in lines[first..end])
        {
            if (!line.StartsWith("   ", StringComparison.Ordinal))
            {
                string name = line.Split((char[])[' ', ','], StringSplitOptions.RemoveEmptyEntries)[0];
                topic = topics.TryGetValue(name, out string? own) ? $"{own}:" : Options;
            }
            if (!byTopic.TryGetValue(topic, out List<string>? entries)) byTopic.Add(topic, entries = []);
            entries.Add(line);
        }
        IEnumerable<string> sections = byTopic.Select(section => string.Join(Environment.NewLine, [section.Key, .. section.Value]));
        return string.Join(Environment.NewLine, [.. lines[..(first - 1)], string.Join(Environment.NewLine + Environment.NewLine, sections), .. lines[end..]]);
    }
}
