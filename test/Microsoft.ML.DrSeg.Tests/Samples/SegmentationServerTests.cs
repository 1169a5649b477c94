using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.ML.DrSeg.Datasets;
using Microsoft.ML.DrSeg.Imaging;
using Microsoft.ML.DrSeg.Models;
using Microsoft.ML.DrSeg.Pipeline;
using NUnit.Framework;
using SegmentationServer;
using TorchSharp;

namespace Microsoft.ML.DrSeg.Tests.Samples;

/// <summary>The sample server, on a real socket, with requests as a browser forms them, hostile ones, and many at once.</summary>
public class SegmentationServerTests
{
    private Factory _server = null!;
    private HttpClient _client = null!;

    [OneTimeSetUp]
    public void StartTheServer()
    {
        _server = new Factory();
        _client = _server.Connect();
    }

    [OneTimeTearDown]
    public void StopTheServer()
    {
        _client.Dispose();
        _server.Dispose();
    }

    /// <summary>A picture with a bright disc; of any size.</summary>
    private static RgbImage Picture(int width, int height, int variant = 0)
    {
        var image = new RgbImage(width, height);
        for (int y = 0; y < height; y++)
            for (int x = 0; x < width; x++)
            {
                bool inside = Math.Pow(x - width * (0.3 + 0.1 * variant), 2) + Math.Pow(y - height * 0.5, 2) < Math.Pow(Math.Min(width, height) * 0.25, 2);
                var pixel = image.Pixels.AsSpan(3 * (y * width + x), 3);
                (pixel[0], pixel[1], pixel[2]) = inside ? ((byte)230, (byte)120, (byte)30) : ((byte)(40 + x % 50), (byte)90, (byte)(60 + y % 40));
            }
        return image;
    }

    private static MultipartFormDataContent Form(byte[]? file, string? query, string name = "picture.png")
    {
        var form = new MultipartFormDataContent();
        if (file is not null) form.Add(new ByteArrayContent(file), "image", name);
        if (query is not null) form.Add(new StringContent(query), "query");
        return form;
    }

    private static byte[] BytesOf(JsonNode? dataUri) => Convert.FromBase64String(((string)dataUri!)["data:image/png;base64,".Length..]);

    private static async Task<string> ErrorOf(HttpResponseMessage response) => (string)(await response.Content.ReadFromJsonAsync<JsonNode>())!["error"]!;

    [TestCase(192, 192)]
    [TestCase(301, 97)]
    public async Task TheAnswerIsThePipelinesAnswer(int width, int height)
    {
        RgbImage picture = Picture(width, height);
        using HttpResponseMessage response = await _client.PostAsync("/segment", Form(picture.ToPng(), "orange"));
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        JsonNode answer = (await response.Content.ReadFromJsonAsync<JsonNode>())!;

        using var model = DrSegModel.LoadBase();
        var context = new MLContext();
        var rows = new[] { new Question { Image = picture.ToMLImage(), Query = "orange" } };
        IDataView view = context.Data.LoadFromEnumerable(rows);
        Segmentation expected = context.Data.CreateEnumerable<Segmentation>(
            context.DrSeg().LookToConfirm(new LookToConfirmEstimator.Options { Model = model, Threshold = model.Threshold }).Fit(view).Transform(view), reuseRowObject: false).Single();

        Assert.That(BytesOf(answer["mask"]), Is.EqualTo(expected.PredictedMask.ToPng()));
        Assert.That((float)answer["confidence"]!, Is.EqualTo(expected.Confidence));
        Assert.That(answer["box"]!.AsArray().Select(side => (float)side!), Is.EqualTo(expected.PredictedBox));
        Assert.That(((int)answer["width"]!, (int)answer["height"]!, (int)answer["pixels"]!), Is.EqualTo((width, height, expected.PredictedMask.Area)));

        Assert.That(await PngOf("/segment/mask", picture), Is.EqualTo(expected.PredictedMask.ToPng()));
        byte[] overlay = await PngOf("/segment/overlay", picture);
        Assert.That(overlay, Is.EqualTo(BytesOf(answer["overlay"])));
        Assert.That(RgbImage.SizeFromHeader(new MemoryStream(overlay)), Is.EqualTo((width, height)));
    }

    private async Task<byte[]> PngOf(string path, RgbImage picture)
    {
        using HttpResponseMessage response = await _client.PostAsync(path, Form(picture.ToPng(), "orange"));
        Assert.That(response.Content.Headers.ContentType!.MediaType, Is.EqualTo("image/png"));
        return await response.Content.ReadAsByteArrayAsync();
    }

    /// <summary>The bytes that Chromium sends for the page's form.</summary>
    [Test]
    public async Task ABrowsersFormIsAnswered()
    {
        const string boundary = "----WebKitFormBoundary7MA4YWxkTrZu0gW";
        byte[] body =
        [
            .. Encoding.UTF8.GetBytes($"--{boundary}\r\nContent-Disposition: form-data; name=\"image\"; filename=\"Grüße \u00201.png\"\r\nContent-Type: image/png\r\n\r\n"),
            .. Picture(64, 48).ToPng(),
            .. Encoding.UTF8.GetBytes($"\r\n--{boundary}\r\nContent-Disposition: form-data; name=\"query\"\r\n\r\nthe dog, please\r\n--{boundary}--\r\n"),
        ];
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse($"multipart/form-data; boundary={boundary}");
        using HttpResponseMessage response = await _client.PostAsync("/segment", content);
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK), await response.Content.ReadAsStringAsync());
    }

    [Test]
    [Category("Browser")]
    public async Task ARealBrowsersUploadIsAnswered()
    {
        if (!Chromium.IsInstalled) Assert.Ignore("There is no Chromium here: apt-get install chromium.");
        using var folder = new TemporaryFolder();
        Picture(120, 80).Save(folder.File("picture.png"));
        await using Chromium browser = await Chromium.Start();
        await browser.Open(_client.BaseAddress!);
        await browser.Until("document.querySelectorAll('#nouns option').length > 5");
        await browser.Choose("#image", folder.File("picture.png"));
        await browser.Evaluate("document.getElementById('query').value = 'orange'; document.querySelector('button').click()");
        await browser.Until("document.getElementById('message').textContent === 'Done.' && document.getElementById('mask').naturalWidth > 0 && document.getElementById('overlay').naturalWidth > 0");
        Assert.That((string?)await browser.Evaluate("document.getElementById('figures').textContent"), Does.StartWith("orange: ").And.Contain("120 × 80"));
        Assert.That((string?)await browser.Evaluate("`${document.getElementById('overlay').naturalWidth} x ${document.getElementById('mask').naturalHeight}`"), Is.EqualTo("120 x 80"));

        // The form alone, as it is where scripts are off: the browser itself sends it and shows the overlay.
        await browser.Evaluate("document.getElementById('form').submit()");
        await browser.Until("location.pathname === '/segment/overlay' && document.contentType === 'image/png' && document.images[0].naturalWidth === 120");

        // What the server refuses is said on the page.
        File.WriteAllText(folder.File("text.png"), "no picture");
        await browser.Open(_client.BaseAddress!);
        await browser.Choose("#image", folder.File("text.png"));
        await browser.Evaluate("document.getElementById('query').value = 'orange'; document.querySelector('button').click()");
        await browser.Until("document.getElementById('message').textContent.includes('neither a PNG nor a JPEG')");
    }

    [Test]
    public async Task WhatIsNotAllowedIsRefusedWithARemedy()
    {
        byte[] picture = Picture(64, 48).ToPng(), damaged = [.. picture], huge = Picture(8, 8).ToPng();
        damaged[damaged.Length / 2] ^= 0x10;
        // A header that promises 65,536 x 65,536 pixels.
        (huge[17], huge[18], huge[21], huge[22]) = (1, 0, 1, 0);
        await Refused(Form(picture, null), HttpStatusCode.BadRequest, "query");
        await Refused(Form(picture, "  "), HttpStatusCode.BadRequest, "query");
        await Refused(Form(picture, new string('a', 101)), HttpStatusCode.BadRequest, "101");
        string unknown = await Refused(Form(picture, "spaceship"), HttpStatusCode.BadRequest, "It knows: ");
        Assert.That(unknown, Does.Not.Contain("Parameter"), "for callers, not for programmers");
        await Refused(Form(null, "dog"), HttpStatusCode.BadRequest, "image");
        await Refused(Form([], "dog"), HttpStatusCode.BadRequest, "image");
        await Refused(Form("GIF89a or text"u8.ToArray(), "dog"), HttpStatusCode.UnsupportedMediaType, "neither a PNG nor a JPEG");
        await Refused(Form(damaged, "dog"), HttpStatusCode.UnprocessableEntity, "damaged");
        await Refused(Form(picture[..^40], "dog"), HttpStatusCode.UnprocessableEntity, "damaged");
        await Refused(Form(huge, "dog"), HttpStatusCode.RequestEntityTooLarge, "pixels");
        await Refused(new StringContent("{}", Encoding.UTF8, "application/json"), HttpStatusCode.UnsupportedMediaType, "multipart/form-data");
        using var torn = new ByteArrayContent("--x\r\nContent-Disposition: form-data; name=\"image\"; filename=\"a\"\r\n\r\nabc"u8.ToArray());
        torn.Headers.ContentType = MediaTypeHeaderValue.Parse("multipart/form-data; boundary=x");
        await Refused(torn, HttpStatusCode.BadRequest, "form");
        // Other limits of a form than that of the file.
        using var wordy = new ByteArrayContent(Encoding.ASCII.GetBytes($"--x\r\nContent-Disposition: form-data; name=\"image\"; filename=\"{new string('a', 17_000)}\"\r\n\r\nabc\r\n--x--\r\n"));
        wordy.Headers.ContentType = MediaTypeHeaderValue.Parse("multipart/form-data; boundary=x");
        await Refused(wordy, HttpStatusCode.BadRequest, "length limit");
        // A restart before the frame, and where its bytes are taken for a length, another frame of 10 x 10 pixels.
        byte[] hiding = new byte[70_000];
        ((byte[])[0xFF, 0xD8, 0xFF, 0xD0, 0xFF, 0xE0, 0, 2]).CopyTo(hiding, 0);
        ((byte[])[0xFF, 0xC0, 0, 17, 8, 0, 10, 0, 10, 3]).CopyTo(hiding, 4 + 0xFFE0);
        await Refused(Form(hiding, "dog", "a.jpg"), HttpStatusCode.UnsupportedMediaType, "neither a PNG nor a JPEG");
        // Each scan may have the decoder go over all pixels again.
        byte[] scans = [0xFF, 0xD8, 0xFF, 0xC2, 0, 11, 8, 15, 160, 15, 160, 1, 1, 0x11, 0, .. Enumerable.Repeat<byte[]>([0xFF, 0xDA], 101).SelectMany(marker => marker), 0xFF, 0xD9];
        await Refused(Form(scans, "dog", "a.jpg"), HttpStatusCode.UnprocessableEntity, "101 scans");
        using HttpResponseMessage got = await _client.GetAsync("/segment");
        Assert.That(got.StatusCode, Is.EqualTo(HttpStatusCode.MethodNotAllowed));
    }

    private async Task<string> Refused(HttpContent content, HttpStatusCode status, string reason, HttpClient? other = null)
    {
        using HttpResponseMessage response = await (other ?? _client).PostAsync("/segment", content);
        Assert.That(response.StatusCode, Is.EqualTo(status), reason);
        string error = await ErrorOf(response);
        Assert.That(error, Does.Contain(reason));
        return error;
    }

    /// <summary>A file over the limit, in a request that is and in one that is not over the server's own.</summary>
    [Test]
    public async Task AFileThatIsTooLargeIsRefused()
    {
        using var small = new Factory(("Limits:FileBytes", "20000"));
        using HttpClient other = small.Connect();
        await Refused(Form(new byte[20_001], "dog"), HttpStatusCode.RequestEntityTooLarge, "20000 bytes", other);
        // Kestrel answers before all is sent and hangs up, which a client may meet as either.
        try
        {
            using HttpResponseMessage response = await other.PostAsync("/segment", Form(new byte[2_000_000], "dog"));
            Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.RequestEntityTooLarge));
        }
        catch (HttpRequestException error)
        {
            Assert.That(error.InnerException, Is.InstanceOf<IOException>());
        }
    }

    [TestCase("FileBytes", "0")]
    [TestCase("Pixels", "-1")]
    [TestCase("QueryLength", "0")]
    [TestCase("Time", "00:00:00")]
    [TestCase("AtOnce", "0")]
    [TestCase("CoresAnAnswer", "0")]
    [TestCase("Waiting", "-100")]
    [TestCase("Waiting", "2147483647")]
    public void ALimitThatIsNoneStopsTheServerAtOnce(string limit, string value)
    {
        using var wrong = new Factory(($"Limits:{limit}", value));
        Assert.That(() => wrong.Connect(), Throws.InvalidOperationException.With.Message.Contains($"Limits:{limit} is {value}"));
    }

    [Test]
    public async Task ManyAtOnceGetWhatEachWouldGetAlone()
    {
        byte[][] pictures = [.. Enumerable.Range(0, 4).Select(variant => Picture(100 + 20 * variant, 90, variant).ToPng())];
        string[] words = ["dog", "orange", "fish", "ball"];
        async Task<string> Ask(int i)
        {
            using HttpResponseMessage response = await _client.PostAsync("/segment", Form(pictures[i % 4], words[i / 4 % 4]));
            return await response.Content.ReadAsStringAsync();
        }
        string[] alone = new string[16];
        for (int i = 0; i < alone.Length; i++) alone[i] = await Ask(i);
        string[] together = await Task.WhenAll(Enumerable.Range(0, alone.Length).Select(Ask));
        Assert.That(alone, Has.None.Contains("\"error\""));
        Assert.That(together, Is.EqualTo(alone));
    }

    [Test]
    public async Task WhoComesWhenAllPlacesAreTakenIsSentAwayAtOnce()
    {
        using var narrow = new Factory(("Limits:AtOnce", "1"), ("Limits:Waiting", "0"));
        using HttpClient other = narrow.Connect();
        using var held = new HeldContent(Form(Picture(64, 48).ToPng(), "dog"));
        Task<HttpResponseMessage> first = other.PostAsync("/segment", held);
        await held.Sent;
        HttpResponseMessage second = await other.PostAsync("/segment", Form(Picture(64, 48).ToPng(), "dog"));
        for (int i = 0; i < 100 && second.StatusCode == HttpStatusCode.OK; i++) // what is sent may not have arrived
            second = await other.PostAsync("/segment", Form(Picture(64, 48).ToPng(), "dog"));
        Assert.That(second.StatusCode, Is.EqualTo(HttpStatusCode.ServiceUnavailable));
        Assert.That(second.Headers.RetryAfter, Is.Not.Null);
        held.Release();
        Assert.That((await first).StatusCode, Is.EqualTo(HttpStatusCode.OK));
    }

    /// <summary>On a bare socket, since clients read no answer before they have sent everything.</summary>
    [Test]
    public async Task WhoTakesTooLongIsLetGo()
    {
        using var hasty = new Factory(("Limits:Time", "00:00:00.3"));
        using HttpClient other = hasty.Connect();
        using var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, other.BaseAddress!.Port);
        await using NetworkStream stream = socket.GetStream();
        await stream.WriteAsync("POST /segment HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: 1000\r\n\r\n--x\r\n"u8.ToArray());
        using var reader = new StreamReader(stream);
        Assert.That(await reader.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(60)), Does.StartWith("HTTP/1.1 504"));
    }

    /// <summary>One who sends slowly is among those admitted, but holds no place of those who are answered.</summary>
    [Test]
    public async Task WhoSendsSlowlyHoldsUpNobody()
    {
        using var narrow = new Factory(("Limits:AtOnce", "1"), ("Limits:Waiting", "1"));
        using HttpClient other = narrow.Connect();
        using var held = new HeldContent(Form(Picture(64, 48).ToPng(), "dog"));
        Task<HttpResponseMessage> slow = other.PostAsync("/segment", held);
        await held.Sent;
        using HttpResponseMessage quick = await other.PostAsync("/segment", Form(Picture(64, 48).ToPng(), "dog"));
        Assert.That(quick.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(slow.IsCompleted, Is.False);
        held.Release();
        Assert.That((await slow).StatusCode, Is.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public async Task WorkThatNobodyWaitsForHoldsItsPlaceUntilItEnds()
    {
        using var places = new WorkPlaces(1);
        using var mayEnd = new ManualResetEventSlim();
        using var hangUp = new CancellationTokenSource();
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        bool ended = false;
        Task<int> left = places.Run(() =>
        {
            begun.SetResult();
            mayEnd.Wait();
            ended = true;
            return 1;
        }, hangUp.Token);
        await begun.Task;
        await hangUp.CancelAsync();
        Assert.That(async () => await left, Throws.InstanceOf<OperationCanceledException>());
        Task<bool> next = places.Run(() => ended, CancellationToken.None);
        using var impatient = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));
        Assert.That(async () => await places.Run(() => 2, impatient.Token), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(next.IsCompleted, Is.False);
        mayEnd.Set();
        Assert.That(await next, Is.True, "the first was over when the second began");
        Assert.That(async () => await places.Run<int>(() => throw new InvalidOperationException("told"), CancellationToken.None), Throws.InvalidOperationException);
        Assert.That(await places.Run(() => 3, CancellationToken.None), Is.EqualTo(3), "work that fails leaves its place");
    }

    [Test]
    public async Task ThePageAndItsWordsAreServed()
    {
        Assert.That(await _client.GetStringAsync("/"), Does.Contain("multipart/form-data"));
        Assert.That(await _client.GetFromJsonAsync<string[]>("/nouns"), Does.Contain("dog"));
        using HttpResponseMessage response = await _client.GetAsync("/page.js");
        Assert.That(response.Headers.GetValues("Content-Security-Policy").Single(), Does.Contain("default-src 'self'"));
    }

    /// <summary>The server on a free port, with some limits of its own.</summary>
    private sealed class Factory : WebApplicationFactory<Upload>
    {
        private readonly (string Key, string Value)[] _settings;

        public Factory(params (string Key, string Value)[] settings)
        {
            _settings = settings;
            UseKestrel(0);
        }

        /// <summary>A plain client: the factory's own reads a request whole before it sends any of it.</summary>
        public HttpClient Connect()
        {
            StartServer();
            return new HttpClient { BaseAddress = ClientOptions.BaseAddress };
        }

        protected override void ConfigureWebHost(IWebHostBuilder builder)
        {
            // The number is the process's, which is that of all other tests too.
            builder.UseSetting("Limits:CoresAnAnswer", $"{torch.get_num_threads()}");
            foreach ((string key, string value) in _settings)
                builder.UseSetting(key, value);
        }
    }

    /// <summary>A form of which the last byte is not sent before it is released.</summary>
    private sealed class HeldContent : HttpContent
    {
        private readonly byte[] _body;
        private readonly TaskCompletionSource _sent = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public HeldContent(HttpContent content)
        {
            _body = content.ReadAsByteArrayAsync().GetAwaiter().GetResult();
            Headers.ContentType = content.Headers.ContentType;
        }

        /// <summary>Done when all but the last byte is on its way.</summary>
        public Task Sent => _sent.Task;

        public void Release() => _released.TrySetResult();

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync(_body.AsMemory(0, _body.Length - 1));
            await stream.FlushAsync();
            _sent.TrySetResult();
            await _released.Task;
            await stream.WriteAsync(_body.AsMemory(_body.Length - 1));
        }

        protected override bool TryComputeLength(out long length)
        {
            length = _body.Length;
            return true;
        }
    }
}
