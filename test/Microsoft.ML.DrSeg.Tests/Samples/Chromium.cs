using System.Diagnostics;
using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Microsoft.ML.DrSeg.Tests.Samples;

/// <summary>A page of a real browser without a window, led over the DevTools protocol. Debian's package is <c>chromium</c>.</summary>
internal sealed class Chromium : IAsyncDisposable
{
    private const string Program = "/usr/bin/chromium";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly TemporaryFolder _profile = new();
    private readonly ClientWebSocket _socket = new();
    private readonly Process _process;
    private int _messages;

    private Chromium() => _process = Process.Start(new ProcessStartInfo(Program,
        ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", $"--user-data-dir={_profile.Path}", "--remote-debugging-port=0", "about:blank"])
    {
        RedirectStandardError = true,
        RedirectStandardOutput = true,
    })!;

    public static bool IsInstalled => File.Exists(Program);

    public static async Task<Chromium> Start()
    {
        var browser = new Chromium();
        browser._process.BeginErrorReadLine();
        browser._process.BeginOutputReadLine();
        string port = browser._profile.File("DevToolsActivePort");
        await Until(() => Task.FromResult(File.Exists(port) && File.ReadAllLines(port).Length == 2), "the browser does not listen");
        using var http = new HttpClient();
        JsonArray? pages = await http.GetFromJsonAsync<JsonArray>($"http://127.0.0.1:{File.ReadAllLines(port)[0]}/json/list");
        await browser._socket.ConnectAsync(new Uri((string)pages!.First(page => (string?)page!["type"] == "page")!["webSocketDebuggerUrl"]!), default);
        return browser;
    }

    /// <summary>Opens a page and waits until its scripts have run.</summary>
    public async Task Open(Uri address)
    {
        await Send("Page.navigate", new { url = address });
        await Until(async () => (bool?)await Evaluate($"document.readyState === 'complete' && location.href === '{address}'") == true, $"{address} does not load");
    }

    /// <summary>The value of an expression on the page.</summary>
    public async Task<JsonNode?> Evaluate(string expression) =>
        (await Send("Runtime.evaluate", new { expression, returnByValue = true, awaitPromise = true }))["result"]!["value"];

    /// <summary>Waits until an expression is true.</summary>
    public Task Until(string expression) => Until(async () => (bool?)await Evaluate(expression) == true, $"not true: {expression}");

    /// <summary>Chooses a file in a form, as a user does.</summary>
    public async Task Choose(string selector, string file)
    {
        int root = (int)(await Send("DOM.getDocument", new { }))["root"]!["nodeId"]!;
        int input = (int)(await Send("DOM.querySelector", new { nodeId = root, selector }))["nodeId"]!;
        await Send("DOM.setFileInputFiles", new { files = new[] { file }, nodeId = input });
    }

    public async ValueTask DisposeAsync()
    {
        _socket.Dispose();
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
        _profile.Dispose();
    }

    private async Task<JsonNode> Send(string method, object parameters)
    {
        int id = ++_messages;
        using var time = new CancellationTokenSource(Patience);
        await _socket.SendAsync(JsonSerializer.SerializeToUtf8Bytes(new { id, method, @params = parameters }), WebSocketMessageType.Text, true, time.Token);
        while (true)
        {
            using var message = new MemoryStream();
            var buffer = new byte[1 << 16];
            ValueWebSocketReceiveResult part;
            do
            {
                part = await _socket.ReceiveAsync(buffer.AsMemory(), time.Token);
                message.Write(buffer, 0, part.Count);
            }
            while (!part.EndOfMessage);
            JsonNode answer = JsonNode.Parse(message.ToArray())!;
            if ((int?)answer["id"] == id)
                return answer["result"] ?? throw new InvalidOperationException($"{method}: {answer["error"]}");
        }
    }

    private static async Task Until(Func<Task<bool>> condition, string otherwise)
    {
        long started = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            if (Stopwatch.GetElapsedTime(started) > Patience)
                throw new TimeoutException($"After {Patience.TotalSeconds} s {otherwise}.");
            await Task.Delay(50);
        }
    }
}
