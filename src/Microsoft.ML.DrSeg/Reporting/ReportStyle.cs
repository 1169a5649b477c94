namespace Microsoft.ML.DrSeg.Reporting;

/// <summary>The look of a report, in one place: system fonts, one accent, six line colours, each for light and for dark.</summary>
internal static class ReportStyle
{
    public const string Css = """
        :root {
          color-scheme: light dark;
          --paper: #fcfcfa; --card: #ffffff; --ink: #1c1f23; --soft: #5d646d; --rule: #dfe1e4; --accent: #0b6e63;
          --c0: #2f64c6; --c1: #d05f12; --c2: #16876a; --c3: #8a4fbe; --c4: #b93c67; --c5: #7a7a12;
        }
        @media (prefers-color-scheme: dark) {
          :root {
            --paper: #14171a; --card: #1b1f23; --ink: #e8eaec; --soft: #9ba3ac; --rule: #31373d; --accent: #4cc9b4;
            --c0: #7ea6f4; --c1: #f39a55; --c2: #4cc9a3; --c3: #c39af0; --c4: #f07fa5; --c5: #c9c556;
          }
        }
        * { box-sizing: border-box; }
        body {
          margin: 0 auto; max-width: 72rem; padding: 2.5rem clamp(1rem, 4vw, 2.5rem) 5rem;
          background: var(--paper); color: var(--ink);
          font: 1rem/1.6 ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
          text-rendering: optimizeLegibility;
        }
        h1 { margin: 0; font-size: clamp(1.7rem, 5vw, 2.4rem); line-height: 1.15; letter-spacing: -.02em; text-wrap: balance; }
        h2 { margin: 3.2rem 0 .8rem; padding-top: 1rem; border-top: 1px solid var(--rule); font-size: 1.35rem; line-height: 1.25; letter-spacing: -.01em; }
        p { margin: .7rem 0; max-width: 44rem; text-wrap: pretty; }
        .subtitle { color: var(--soft); font-size: 1.1rem; }
        nav ol { display: flex; flex-wrap: wrap; gap: .3rem 1.4rem; margin: 1.2rem 0 0; padding: 0; list-style: none; font-size: .92rem; }
        a { color: var(--accent); text-underline-offset: .2em; text-decoration-thickness: .06em; }
        pre { overflow-x: auto; padding: .9rem 1.1rem; border: 1px solid var(--rule); border-radius: .5rem; background: var(--card); line-height: 1.45; }
        code { font: .88rem ui-monospace, "Cascadia Mono", Menlo, Consolas, monospace; }
        .scroll { overflow-x: auto; }
        figure { margin: 1.6rem 0; }
        figcaption { margin-bottom: .6rem; color: var(--soft); font-size: .92rem; line-height: 1.45; text-wrap: pretty; }

        .chart > figcaption, .table > figcaption { color: var(--ink); font-weight: 600; }

        .figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(10.5rem, 1fr)); gap: .9rem; margin: 1.6rem 0; }
        .figures div { padding: .9rem 1.1rem 1rem; border: 1px solid var(--rule); border-radius: .6rem; background: var(--card); }
        .figures dt, .figures dd { margin: 0; color: var(--soft); font-size: .88rem; line-height: 1.4; }
        .figures .value { margin: .1rem 0; color: var(--ink); font-size: 1.65rem; font-weight: 650; line-height: 1.3; letter-spacing: -.02em; font-variant-numeric: tabular-nums; }

        table { border-collapse: collapse; min-width: 100%; font-size: .94rem; line-height: 1.35; }
        th, td { padding: .5rem .5rem; text-align: left; vertical-align: baseline; white-space: nowrap; }
        th:first-child { padding-left: .2rem; }
        thead th { white-space: normal; border-bottom: 1.5px solid var(--ink); font-size: .84rem; font-weight: 600; vertical-align: bottom; }
        tbody th { font-weight: 450; }
        tbody tr { border-bottom: 1px solid var(--rule); }
        tbody tr:hover { background: color-mix(in srgb, var(--accent) 7%, transparent); }
        .number { text-align: right; font-variant-numeric: tabular-nums; }
        td strong { color: var(--accent); font-weight: 700; }

        .legend { display: flex; flex-wrap: wrap; gap: .2rem 1.3rem; margin: 0 0 .5rem; padding: 0; list-style: none; font-size: .88rem; }
        .legend li { display: flex; align-items: center; gap: .45rem; }
        .legend svg { width: 22px; height: 10px; }
        .chart .scroll > svg { display: block; width: 100%; min-width: 30rem; height: auto; }
        .charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(26rem, 100%), 1fr)); gap: 0 1.6rem; }
        .charts .scroll > svg { min-width: 0; }
        .charts .chart text { font-size: 16px; }
        .chart text { fill: var(--soft); font-size: 12px; font-variant-numeric: tabular-nums; }
        .chart .label { fill: var(--ink); font-size: 12.5px; }
        .chart path { fill: none; stroke-linejoin: round; stroke-linecap: round; }
        .grid { stroke: var(--rule); }
        .axis, .tick { stroke: var(--soft); }
        .line { stroke-width: 2.4; }
        .raw { stroke-width: 1; opacity: .28; }
        .chart .dashed { stroke-dasharray: 7 4; }
        .c0 { stroke: var(--c0); } .c1 { stroke: var(--c1); } .c2 { stroke: var(--c2); }
        .c3 { stroke: var(--c3); } .c4 { stroke: var(--c4); } .c5 { stroke: var(--c5); }
        circle.c0 { fill: var(--c0); } circle.c1 { fill: var(--c1); } circle.c2 { fill: var(--c2); }
        circle.c3 { fill: var(--c3); } circle.c4 { fill: var(--c4); } circle.c5 { fill: var(--c5); }
        circle.dot { stroke: var(--paper); stroke-width: 1.2; }
        .chart .reference { stroke: var(--soft); stroke-width: 1.4; stroke-dasharray: 5 4; }

        .pictures { display: grid; grid-template-columns: repeat(auto-fill, minmax(9.5rem, 1fr)); gap: 1rem .8rem; margin: 1.6rem 0; }
        .pictures figure { margin: 0; min-width: 0; }
        .pictures img { display: block; width: 100%; height: auto; border-radius: .35rem; background: var(--rule); }
        .pictures figcaption { margin: .4rem 0 0; font-size: .82rem; line-height: 1.35; overflow-wrap: anywhere; }

        @media print {
          :root { --paper: #fff; --card: #fff; --ink: #000; --soft: #444; --rule: #ccc; }
          body { max-width: none; padding: 0; }
          figure, .figures { break-inside: avoid; }
          h2 { break-after: avoid; }
        }

        """;
}
