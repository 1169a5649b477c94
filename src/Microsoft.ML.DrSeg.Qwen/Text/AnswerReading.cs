namespace Microsoft.ML.DrSeg.Qwen;

/// <summary>How a model's text is read.</summary>
public enum AnswerReading
{
    /// <summary>By the paper's grammar and nothing else, so that training rewards nothing that only resembles an answer.</summary>
    Strict,

    /// <summary>
    /// Whatever holds boxes: without tags, in a code block, with text around it, one object instead of a list, boxes without points
    /// or keys, Qwen2-VL's own notation, an answer that was cut off. For prediction.
    /// </summary>
    Tolerant,
}
