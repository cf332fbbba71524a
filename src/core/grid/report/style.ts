/** Style of a report: one file without any other, for the screen in both themes and for paper. */
export const REPORT_STYLE = `
:root { color-scheme: light dark; --ink: light-dark(#1a1b1e, #eceae4); --quiet: light-dark(#63656a, #9a9c9f);
  --line: light-dark(#dfdcd3, #363b41); --page: light-dark(#fbfaf7, #15171a); --data: light-dark(#0b7560, #5fcaa9); }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 32px 24px 64px; max-width: 1080px; background: var(--page); color: var(--ink);
  font: 14px/1.5 system-ui, sans-serif; font-variant-numeric: tabular-nums; }
h1 { font: 400 32px/1.2 Georgia, serif; margin: 0 0 8px; }
h2 { font: 600 15px/1.4 system-ui, sans-serif; margin: 40px 0 8px; padding-top: 12px; border-top: 1px solid var(--line); }
p, li { max-width: 75ch; } p { margin: 0 0 8px; }
.quiet, figcaption, caption { color: var(--quiet); font: 13px/1.45 Georgia, serif; }
figure { margin: 12px 0; } figcaption { margin-top: 6px; }
svg { display: block; width: 100%; height: auto; max-width: 760px; }
svg text { font: 12px system-ui, sans-serif; fill: var(--ink); } svg .title { font-weight: 600; }
.grid { stroke: var(--line); } .zero { stroke: var(--quiet); }
.bar { stroke: var(--data); stroke-width: 2; } .dot { fill: var(--data); } .ring { fill: var(--page); stroke: var(--data); stroke-width: 2; }
.note { font-weight: 400; fill: var(--quiet); } .cover { fill: var(--page); }
.band { fill: var(--data); fill-opacity: .18; } .curve { fill: none; stroke: var(--data); stroke-width: 1.3; stroke-opacity: .75; }
.multiples { display: grid; grid-template-columns: repeat(auto-fill, minmax(220px, 1fr)); gap: 16px 20px; }
.wide, figure { overflow-x: auto; } .forest { min-width: 600px; } th[scope=row] { min-width: 11em; }
table { border-collapse: collapse; width: 100%; margin: 8px 0; } caption { text-align: left; padding-bottom: 6px; }
th, td { padding: 4px 10px 4px 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); font-weight: 400; }
thead th { font-weight: 600; } td small { display: block; color: var(--quiet); font-size: 11px; } .n { text-align: right; white-space: nowrap; }
pre { font: 12px/1.45 ui-monospace, monospace; white-space: pre-wrap; overflow-wrap: anywhere; }
@media print { :root { color-scheme: light; } body { padding: 0; max-width: none; font-size: 10pt; background: none; }
  table { font-size: 8pt; } td small { font-size: 6.5pt; } .cover { fill: none; } .forest { min-width: 0; } .multiples { grid-template-columns: repeat(3, 1fr); }
  pre { font-size: 7pt; } .wide, figure { overflow: visible; } th[scope=row] { min-width: 9em; } thead .n { white-space: normal; } tr, figure, .multiples > svg { break-inside: avoid; } h2 { break-after: avoid; }
  @page { margin: 16mm; } }
`;
