/**
 * The style sheet. One palette for both themes: blue is kept, vermillion is harm (Okabe and Ito's
 * colour-blind-safe set, darkened or lightened for contrast), grey is everything else. System fonts,
 * nothing loaded.
 */

const light = `
  --paper:#fdfdfb; --panel:#f5f5f1; --ink:#16191d; --soft:#545c66; --line:#dedfda; --hair:#ecece7;
  --kept:#0067a8; --kept-ground:#e6f0f8; --harm:#b84300; --harm-ground:#fbece3; --plain:#6b737d;
  --noise:#e4e4de; --base:#8b939c; --add:#dcefe6; --add-ink:#0b5a3c; --del:#fae3da; --del-ink:#8a2f00;
  --s0:#a9b0b8; --s1:#56b4e9; --s2:#e6a400; --s3:#cc79a7; --s4:#26a784; --s5:#0067a8; --s-ink:#fff; --s6:#b84300; --s7:#6b5b95;`;

const dark = `
  --paper:#14171a; --panel:#1c2024; --ink:#e9ebed; --soft:#a3abb4; --line:#343a41; --hair:#262b30;
  --kept:#62b6ee; --kept-ground:#172c3c; --harm:#f48b58; --harm-ground:#3a241a; --plain:#98a1ab;
  --noise:#2b3036; --base:#828b95; --add:#14342a; --add-ink:#8fdcb9; --del:#40231a; --del-ink:#f7b797;
  --s0:#7d868f; --s1:#56b4e9; --s2:#d99f1b; --s3:#cc79a7; --s4:#26a784; --s5:#4a93d3; --s-ink:#101214; --s6:#dd7547; --s7:#9c8cc9;`;

export const styleSheet = `
:root{color-scheme:light dark;${light}}
@media (prefers-color-scheme:dark){:root{${dark}}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;font-variant-numeric:tabular-nums;overflow-wrap:break-word}
main{max-width:1160px;margin:0 auto;padding:0 32px 72px}
h1,h2,h3,p,dl,dd,figure,ul{margin:0;padding:0}
a{color:var(--kept)}
code,pre{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace;font-size:.875em}
.masthead{display:flex;flex-wrap:wrap;gap:4px 20px;justify-content:space-between;padding:26px 0 0;color:var(--soft);font-size:13.5px}
.masthead b{color:var(--ink);font-weight:600}
.alarm{margin:22px 0 0;padding:14px 18px;background:var(--harm-ground);color:var(--harm);border-left:4px solid var(--harm);font-size:clamp(18px,2.1vw,23px);line-height:1.35;font-weight:660}
.verdict{padding:52px 0 40px}
.kind{display:inline-flex;align-items:center;gap:9px;font-size:13.5px;font-weight:600;color:var(--soft);margin-bottom:14px}
.kind::before{content:"";width:11px;height:11px;border-radius:50%;background:var(--plain)}
.kind.change,.kind.ask{color:var(--kept)}
.kind.change::before,.kind.ask::before{background:var(--kept)}
.kind.suggestion::before,.kind.refused::before,.kind.not-judged::before{background:none;border:2.5px solid currentColor}
h1{overflow-wrap:anywhere;font-size:clamp(24px,4.6vw,50px);line-height:1.1;font-weight:680;letter-spacing:-.022em;text-wrap:balance}
.claim{font-size:clamp(18px,2.1vw,23px);line-height:1.42;margin-top:16px;max-width:47em;text-wrap:pretty}
.rest{color:var(--soft);margin-top:8px;max-width:60em}
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(230px,1fr));border-top:1px solid var(--ink);border-bottom:1px solid var(--line)}
.figures div{padding:16px 18px 17px 0}
.figures dt{font-size:13px;color:var(--soft)}
.figures dd{font-size:23px;line-height:1.25;font-weight:620;letter-spacing:-.01em;margin-top:3px}
.figures dd small{display:block;font-size:13px;line-height:1.4;font-weight:400;letter-spacing:0;color:var(--soft);margin-top:3px}
.figures i{font-style:normal;font-weight:400;color:var(--soft)}
section{display:grid;grid-template-columns:210px minmax(0,1fr);gap:0 26px;padding-top:56px}
section>header h2{font-size:19px;line-height:1.25;font-weight:660;letter-spacing:-.01em}
section>header p{font-size:13.5px;line-height:1.5;color:var(--soft);margin-top:8px}
.body>*+*{margin-top:20px}
.body>p,.body li{max-width:46em}
h3{font-size:16px;font-weight:640}
.soft{color:var(--soft)} .small-text{font-size:13.5px}
.kept-text{color:var(--kept);font-weight:600} .harm-text{color:var(--harm);font-weight:600}
figure svg{display:block;max-width:100%;height:auto;overflow:visible}
figure .narrow{display:none}
figcaption{font-size:13.5px;line-height:1.5;color:var(--soft);margin-top:10px;max-width:54em}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:14px;line-height:1.4}
table.broad{min-width:800px}
table.middling{min-width:600px}
caption{text-align:left;font-size:13.5px;color:var(--soft);padding-bottom:6px}
th{font-weight:500;font-size:13px;color:var(--soft);text-align:left;vertical-align:bottom;padding:6px 14px 6px 0;border-bottom:1px solid var(--line)}
td{padding:8px 14px 8px 0;border-bottom:1px solid var(--hair);vertical-align:top}
th:last-child,td:last-child{padding-right:0}
.num{text-align:right;white-space:nowrap}
.nowrap{white-space:nowrap}
tr.strong td{font-weight:620}
td small{display:block;color:var(--soft);font-size:12.5px;font-weight:400}
details{border-top:1px solid var(--hair)}
details>summary{cursor:pointer;padding:9px 0;font-size:13.5px;color:var(--soft)}
details>summary:hover{color:var(--ink)}
details[open]>summary{color:var(--ink)}
summary:focus-visible,.scroll:focus-visible{outline:2px solid var(--kept);outline-offset:3px}
pre{margin:0;padding:15px 18px;background:var(--panel);border-radius:6px;overflow-x:auto;line-height:1.6;font-size:13.5px}
pre.diff{padding:12px 0}
.diff span{display:block;padding:0 18px;min-width:max-content}
.diff .file{color:var(--soft)} .diff .add{background:var(--add);color:var(--add-ink)} .diff .del{background:var(--del);color:var(--del-ink)}
.trial{padding-top:22px;border-top:1px solid var(--line)}
.trial:first-child{padding-top:0;border-top:0}
.trial>*+*{margin-top:12px}
.body>details+details,.trial>details+details{margin-top:0}
.trial .meta{font-size:14px;color:var(--soft)}
.badge{display:inline-block;font-size:12.5px;font-weight:600;line-height:1;padding:4px 8px 5px;border-radius:4px;background:var(--panel);color:var(--soft);margin-left:8px;vertical-align:2px}
.badge.kept{background:var(--kept-ground);color:var(--kept)} .badge.harm{background:var(--harm-ground);color:var(--harm)}
.marks{list-style:none;font-size:14px;display:grid;gap:5px}
.marks li{padding-left:22px;position:relative}
.marks li::before{content:attr(data-mark);position:absolute;left:2px;color:var(--soft);font-weight:600}
.marks .broken::before,.marks .failed::before{color:var(--harm)}
.plain-list{padding-left:18px;display:grid;gap:7px;font-size:15px}
.facts{display:grid;grid-template-columns:max-content minmax(0,1fr);gap:5px 22px;font-size:14.5px}
.facts dt{color:var(--soft)}
.key{display:flex;flex-wrap:wrap;gap:4px 20px;font-size:13px;color:var(--soft)}
.key svg{display:inline-block;vertical-align:-2px;margin-right:6px;overflow:visible}
footer{margin-top:64px;padding-top:16px;border-top:1px solid var(--line);font-size:13px;color:var(--soft)}

svg text{font-family:inherit;font-size:12.5px;fill:var(--soft)}
svg .strong{fill:var(--ink);font-weight:600;font-size:13.5px}
svg .name,svg .small{font-size:12px}
svg .kept{--tone:var(--kept)} svg .harm{--tone:var(--harm)} svg .plain{--tone:var(--plain)}
svg text.kept,svg text.harm{fill:var(--tone)}
svg .axis{stroke:var(--base);stroke-width:1} svg .rule{stroke:var(--hair);stroke-width:1} svg .zero{stroke:var(--ink);stroke-width:1}
svg .limit{stroke:var(--harm);stroke-width:1.2;stroke-dasharray:5 4}
svg rect.noise{fill:var(--noise)} svg rect.predicted{fill:none;stroke:var(--soft);stroke-width:1.1}
svg .whisker{stroke:var(--tone,var(--plain));stroke-width:2} svg .dot{fill:var(--tone,var(--plain))}
svg .ground{fill:var(--kept-ground)} svg .bar.baseline{fill:var(--base)} svg .bar.candidate{fill:var(--kept)} svg .ramp{opacity:.4}
svg .bracket{fill:none;stroke:var(--base);stroke-width:1}
svg .stairs{fill:none;stroke:var(--tone);stroke-width:1.8;stroke-linejoin:round}
svg .threshold{stroke:var(--tone);stroke-width:1.1;stroke-dasharray:5 4}
svg .point .whisker{stroke-width:1.4} svg .point .dot{stroke:var(--paper);stroke-width:1} svg .neither{opacity:.45}
svg .point.start{--tone:var(--ink)} svg .point.chosen{--tone:var(--kept)} svg .point.neither{--tone:var(--plain)} svg .ring{fill:none;stroke:var(--tone);stroke-width:1.5}
svg .side.start{--tone:var(--base)} svg .side.chosen{--tone:var(--kept)} svg .side .stairs{stroke-width:2.2} svg text.series{fill:var(--tone)}
svg .total{fill:var(--ink)}
${Array.from({ length: 8 }, (_, i) => `svg .s${i}{fill:var(--s${i})}`).join('')}
svg text.inside{fill:#101214;font-size:12px} svg text.i5,svg text.i6,svg text.i7{fill:var(--s-ink)}

@media (min-width:1100px){.of-5{grid-template-columns:1.3fr repeat(4,1fr)} .of-6{grid-template-columns:repeat(3,1fr)}}
@media (max-width:900px){section{display:block;padding-top:44px} section>header{margin-bottom:16px} section>header p{max-width:46em}}
@media (max-width:620px){
  main{padding:0 20px 48px} figure .wide{display:none} figure .narrow{display:block} .verdict{padding:34px 0 28px}
  table.stacked{min-width:0} .stacked thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
  .stacked thead,.stacked thead tr,.stacked th{display:block;padding:0}
  .stacked,.stacked tbody,.stacked tr,.stacked td{display:block} .stacked tr{padding:9px 0;border-bottom:1px solid var(--line)}
  .stacked td{padding:2px 0;border:0;text-align:left;white-space:normal} .stacked td:first-child{font-weight:620;padding-bottom:3px}
  .stacked td[data-name]{display:grid;grid-template-columns:116px minmax(0,1fr);gap:0 14px} .stacked td[data-name]>*{grid-column:2}
  .stacked td::before{content:attr(data-name);grid-row:1/span 3;font-size:13px;font-weight:400;line-height:1.5;color:var(--soft)} .stacked td:first-child::before{content:none}
  .figures{grid-template-columns:1fr 1fr} .figures dd{font-size:20px} .facts{grid-template-columns:1fr;gap:0} .facts dd{margin-bottom:9px}
}
@media print{
  :root{color-scheme:light;${light}}
  table.broad,table.middling{min-width:0}
  body{font-size:10.5pt;background:#fff} main{max-width:none;padding:0} section{padding-top:26pt;grid-template-columns:130px minmax(0,1fr)}
  .verdict{padding:22pt 0 18pt} figure,tr,.figures div{break-inside:avoid} h2,h3,section>header,.meta{break-after:avoid} .trial{break-inside:avoid} .scroll{overflow:visible}
  pre{white-space:pre-wrap} .alarm,.badge,.diff span,svg,.kind::before{-webkit-print-color-adjust:exact;print-color-adjust:exact}
}
`;
