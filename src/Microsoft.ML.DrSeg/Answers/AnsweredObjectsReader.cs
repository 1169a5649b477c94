using System.Text.Json;
using Microsoft.ML.DrSeg.Imaging;

namespace Microsoft.ML.DrSeg.Answers;

/// <summary>Reads the JSON list of an answer, token by token, and stops at the first token that the grammar does not know.</summary>
internal ref struct AnsweredObjectsReader(ReadOnlySpan<byte> json, int width, int height, int limit)
{
    private Utf8JsonReader _json = new(json);

    public FailedAnswerReason Reason { get; private set; }

    public string Detail { get; private set; } = "";

    /// <param name="objects">Receives the objects; some of them where reading fails.</param>
    public bool TryRead(List<SegmentedObject> objects)
    {
        try
        {
            return TryReadList(objects);
        }
        catch (JsonException error)
        {
            // How System.Text.Json says that a text is not JSON; to a reader of answers that is one result among others.
            return Fail(FailedAnswerReason.MalformedJson, error.Message);
        }
    }

    private bool TryReadList(List<SegmentedObject> objects)
    {
        if (!IsNext(JsonTokenType.StartArray))
            return Unexpected("the list of objects");
        while (_json.Read() && _json.TokenType != JsonTokenType.EndArray)
        {
            if (objects.Count == limit)
                return Fail(FailedAnswerReason.OverLong, $"The answer lists more than {limit} objects.");
            if (_json.TokenType != JsonTokenType.StartObject)
                return Unexpected("an object");
            if (!TryReadObject(out var one))
                return false;
            objects.Add(one);
        }
        // Anything after the list is malformed JSON, which only a further read would notice.
        return !_json.Read() || Unexpected("the end");
    }

    private bool TryReadObject(out SegmentedObject one)
    {
        one = default;
        Span<double> box = stackalloc double[4], point = stackalloc double[2];
        bool hasBox = false, hasPoint = false;
        while (_json.Read() && _json.TokenType == JsonTokenType.PropertyName)
        {
            // A key spelt with escapes is not the key of the grammar.
            var isBox = !_json.ValueIsEscaped && _json.ValueTextEquals("bbox_2d"u8);
            var isPoint = !_json.ValueIsEscaped && _json.ValueTextEquals("point_2d"u8);
            if (!isBox && !isPoint)
                return Unexpected("bbox_2d or point_2d");
            if (isBox ? hasBox : hasPoint)
                return Unexpected($"{(isBox ? "bbox_2d" : "point_2d")} only once");
            if (!TryReadNumbers(isBox ? box : point))
                return false;
            hasBox |= isBox;
            hasPoint |= isPoint;
        }
        return hasBox && hasPoint ? TryPlace(box, point, out one) : Unexpected("both bbox_2d and point_2d");
    }

    private bool TryReadNumbers(scoped Span<double> numbers)
    {
        if (!IsNext(JsonTokenType.StartArray))
            return Unexpected($"a list of {numbers.Length} numbers");
        foreach (ref var number in numbers)
        {
            if (!IsNext(JsonTokenType.Number))
                return Unexpected($"one of {numbers.Length} numbers");
            if (!_json.TryGetDouble(out number) || !double.IsFinite(number))
                return Fail(FailedAnswerReason.NumberNotFinite, $"The number at byte {_json.TokenStartIndex} is too large.");
        }
        return IsNext(JsonTokenType.EndArray) || Unexpected($"no more than {numbers.Length} numbers");
    }

    private bool TryPlace(scoped ReadOnlySpan<double> box, scoped ReadOnlySpan<double> point, out SegmentedObject one)
    {
        one = default;
        if (!(box[0] < box[2] && box[1] < box[3]))
            return Fail(FailedAnswerReason.InvertedBox, $"The box ending at byte {_json.TokenStartIndex} must have its far side beyond its near side.");
        // Clamped as doubles: what a float cannot hold must not turn into infinity first.
        var inside = new BoundingBox(
            (float)Math.Clamp(box[0], 0, width), (float)Math.Clamp(box[1], 0, height),
            (float)Math.Clamp(box[2], 0, width), (float)Math.Clamp(box[3], 0, height));
        if (inside.IsEmpty)
            return Fail(FailedAnswerReason.BoxOutsideImage, $"The box ending at byte {_json.TokenStartIndex} lies outside the image of {width} x {height} pixels.");
        one = new(inside, new((float)Math.Clamp(point[0], 0, width), (float)Math.Clamp(point[1], 0, height)));
        return true;
    }

    private bool IsNext(JsonTokenType token) => _json.Read() && _json.TokenType == token;

    private bool Unexpected(string expected) =>
        Fail(FailedAnswerReason.UnexpectedJson, $"At byte {_json.TokenStartIndex} of the answer stands {_json.TokenType}; expected {expected}.");

    private bool Fail(FailedAnswerReason reason, string detail)
    {
        (Reason, Detail) = (reason, detail);
        return false;
    }
}
