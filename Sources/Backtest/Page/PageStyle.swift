/// How a page looks, by day and by night.
enum PageStyle {
  static let text = """
    :root {
      color-scheme: light dark;
      --page: #f5f6f8; --card: #ffffff; --ink: #1b2430; --soft: #5b6675; --rule: #dfe3e8; --grid: #e9ecf0;
      --new: #0f62c4; --old: #9a6700; --fraud: #c62f3d; --other: #a9b4c0; --good: #1a7f37; --bad: #b42331;
    }
    @media (prefers-color-scheme: dark) {
      :root {
        --page: #11161c; --card: #1a2129; --ink: #e6eaef; --soft: #9aa6b4; --rule: #303a45; --grid: #27303a;
        --new: #5ea8ff; --old: #e0a83c; --fraud: #ff6b76; --other: #5f6c7a; --good: #4ac26b; --bad: #ff7b85;
      }
    }
    * { box-sizing: border-box; }
    body {
      margin: 0; padding: 2rem clamp(1rem, 4vw, 3rem) 4rem; background: var(--page); color: var(--ink);
      font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif;
    }
    main { max-width: 1240px; margin: 0 auto; }
    h1 { margin: 0 0 .25rem; font-size: 1.7rem; letter-spacing: -.01em; }
    h2 { margin: 2.5rem 0 .75rem; font-size: 1.15rem; }
    .lead { margin: 0 0 1.5rem; color: var(--soft); overflow-wrap: anywhere; }
    dl { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1.5rem; margin: 0; }
    dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; }
    .card, figure, .scroll { background: var(--card); border: 1px solid var(--rule); border-radius: 10px; }
    .card { padding: 1rem 1.25rem; }
    .tiles { display: flex; flex-wrap: wrap; gap: .75rem; margin: 1rem 0; padding: 0; list-style: none; }
    .tiles li {
      flex: 1 1 auto; min-width: 8.6rem; padding: .9rem 1.1rem; background: var(--card); border: 1px solid var(--rule);
      border-radius: 10px; white-space: nowrap; font-variant-numeric: tabular-nums;
    }
    .tiles span { display: block; }
    .tiles .name, .tiles .was { color: var(--soft); font-size: .85rem; }
    .tiles .value { font-size: 1.45rem; font-weight: 600; }
    .tiles .change { font-size: .9rem; color: var(--soft); } .tiles .better { color: var(--good); }
    .tiles .worse { color: var(--bad); }
    .plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 430px), 1fr)); gap: .75rem; }
    figure { margin: 0; padding: 1rem 1.25rem; min-width: 0; }
    figure.wide { grid-column: 1 / -1; overflow-x: auto; } figure.wide svg { min-width: 760px; }
    figcaption { font-weight: 600; margin-bottom: .5rem; }
    .about { margin: .5rem 0 0; color: var(--soft); font-size: .85rem; }
    svg { display: block; width: 100%; height: auto; }
    svg text { fill: var(--soft); font-size: 12px; font-variant-numeric: tabular-nums; }
    svg .label { font-size: 12.5px; } svg .note { fill: var(--ink); font-size: 12px; }
    svg .note { paint-order: stroke; stroke: var(--card); stroke-width: 3px; }
    .grid { stroke: var(--grid); } .tick, .base { stroke: var(--rule); }
    .line { fill: none; stroke-width: 2; stroke-linejoin: round; }
    .line.new { stroke: var(--new); } .line.old { stroke: var(--old); stroke-dasharray: 6 3; }
    .line.chance { stroke: var(--other); stroke-width: 1; stroke-dasharray: 2 3; }
    .bar.new, .mark.new { fill: var(--new); } .bar.old, .mark.old { fill: var(--old); }
    .bar.other { fill: var(--other); } .bar.fraud { fill: var(--fraud); } .bar.light { opacity: .35; }
    .mark { stroke: var(--card); stroke-width: 1.5; }
    .legend { display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; margin: .4rem 0 0; padding: 0; }
    .legend { list-style: none; font-size: .85rem; }
    .key { display: inline-block; width: .9em; height: .9em; margin-right: .45em; border-radius: 3px; }
    .key { vertical-align: -.08em; background: var(--other); }
    .key.new { background: var(--new); } .key.old { background: var(--old); } .key.fraud { background: var(--fraud); }
    .key.light { opacity: .35; }
    .scroll { overflow-x: auto; } .scroll + .scroll { margin-top: .75rem; }
    table { border-collapse: collapse; width: 100%; font-size: .9rem; font-variant-numeric: tabular-nums; }
    caption { padding: .8rem 1.1rem .4rem; text-align: left; font-weight: 600; }
    th, td { padding: .32rem .55rem; text-align: left; white-space: nowrap; border-top: 1px solid var(--grid); }
    th:first-child { padding-left: 1.1rem; } td:last-child, th:last-child { padding-right: 1.1rem; }
    thead th { color: var(--soft); font-weight: 500; border-top: 0; vertical-align: bottom; }
    tbody th { font-weight: 400; } .number { text-align: right; }
    .groups th { text-align: center; } .groups th:not(:empty) { border-bottom: 1px solid var(--rule); }
    footer { margin-top: 2rem; color: var(--soft); font-size: .85rem; }
    @media print { body { background: none; padding: 0; } figure, .scroll { break-inside: avoid; } }
    """
}
