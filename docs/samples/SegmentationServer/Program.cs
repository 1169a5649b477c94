using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.AspNetCore.RateLimiting;
using SegmentationServer;
using TorchSharp;

// Takes an image and a query, returns mask, overlay and figures. Three limits stand before the model: the size of what is
// sent, how many come and how many are answered at once, and time.
const string Admitted = "admitted";
WebApplicationBuilder builder = WebApplication.CreateBuilder(args);
ServerLimits limits = (builder.Configuration.GetSection("Limits").Get<ServerLimits>() ?? new()).Checked();
torch.set_num_threads(limits.CoresAnAnswer);
builder.WebHost.ConfigureKestrel(server => server.Limits.MaxRequestBodySize = limits.FileBytes + 64L * 1024); // the form around the file
builder.Services.AddSingleton(limits);
builder.Services.AddSingleton(_ => new WorkPlaces(limits.AtOnce));
builder.Services.AddSingleton(_ => new SegmentationService(builder.Configuration["Model"]));
builder.Services.AddRequestTimeouts(timeouts => timeouts.DefaultPolicy = new RequestTimeoutPolicy { Timeout = limits.Time });
builder.Services.AddRateLimiter(limiter => limiter
    .AddConcurrencyLimiter(Admitted, at => (at.PermitLimit, at.QueueLimit) = (limits.AtOnce + limits.Waiting, 0))
    .OnRejected = async (context, cancellation) =>
    {
        context.HttpContext.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        context.HttpContext.Response.Headers.RetryAfter = "5";
        await context.HttpContext.Response.WriteAsJsonAsync(new { error = "Too many requests wait already; try again in a few seconds." }, cancellation);
    });

WebApplication app = builder.Build();
app.Services.GetRequiredService<SegmentationService>(); // a missing model is an error now, not at the first request
app.Use(async (context, next) =>
{
    context.Response.Headers.XContentTypeOptions = "nosniff";
    context.Response.Headers.ContentSecurityPolicy = "default-src 'self'; img-src 'self' data: blob:";
    await next();
});
app.UseDefaultFiles();
app.UseStaticFiles();
app.UseRequestTimeouts();
app.UseRateLimiter();

app.MapGet("/nouns", (SegmentationService service) => service.Nouns);
RouteGroupBuilder segment = app.MapGroup("/segment").RequireRateLimiting(Admitted);
segment.MapPost("", Answering((upload, found) => Results.Json(SegmentationAnswer.Of(upload, found))));
segment.MapPost("/mask", Answering((_, found) => Results.Bytes(found.PredictedMask.ToPng(), "image/png")));
segment.MapPost("/overlay", Answering((upload, found) => Results.Bytes(SegmentationAnswer.Painted(upload, found), "image/png")));
app.Run();

static Delegate Answering(Func<Upload, Segmentation, IResult> form) =>
    async (HttpRequest request, SegmentationService service, WorkPlaces places, ServerLimits limits, CancellationToken cancellation) =>
    {
        try
        {
            ReceivedForm received = await ReceivedForm.Read(request, limits, cancellation); // who sends slowly holds no place
            return await places.Run(() =>
            {
                using var upload = Upload.Decode(received, limits);
                return form(upload, service.Answer(upload));
            }, cancellation);
        }
        catch (RefusedException refused)
        {
            return Results.Json(new { error = refused.Message }, statusCode: refused.Status);
        }
    };
