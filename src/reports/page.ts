/** The page around a report: one file, no network, no script but one that it names by its hash, light and dark, from 400 px up. */
import { createHash } from 'node:crypto';
import { type Html, html, verbatim } from './html.ts';

const style = html`<style>
:root{color-scheme:light dark;--paper:#fff;--panel:#f6f7f9;--ink:#1a1f26;--muted:#5b6673;--line:#dde1e6;--shade:#0003;--accent:#1f5fa8;--real:#2b6cb0;--fake:#c2571a;
--c0:#1f5fa8;--c1:#b5480f;--c2:#1d7a55;--c3:#8a3fa0;--c4:#8f6b00;--c5:#b02a5b}
@media screen and (prefers-color-scheme:dark){:root{--paper:#14171c;--panel:#1c2128;--ink:#e6e9ee;--muted:#9aa5b1;--line:#323a44;--shade:#000a;--accent:#7db4f0;--real:#74aef0;--fake:#f0955a;
--c0:#7db4f0;--c1:#f0955a;--c2:#5fc79a;--c3:#cf97e3;--c4:#dcb94a;--c5:#f288ae}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
main{max-width:86rem;margin:0 auto;padding:2rem 1rem 4rem}
h1{font-size:1.75rem;line-height:1.2;margin:0 0 .5rem;overflow-wrap:anywhere}
h2{font-size:1.25rem;margin:3rem 0 .5rem;padding-top:.9rem;border-top:1px solid var(--line)}
h3{font-size:1rem;margin:1.75rem 0 .5rem;overflow-wrap:anywhere}
p,ul,dl{max-width:46rem;margin:.5rem 0}
li{margin:.3rem 0}
a{color:var(--accent)}
.lead{font-size:1.05rem}
.muted,.note,figcaption{color:var(--muted)}
.note,figcaption{font-size:.875rem}
code,pre{font:.85rem/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
pre{background:var(--panel);padding:1rem;overflow:auto;border-radius:6px}
nav{font-size:.9rem;margin-top:1rem}
nav a{margin-right:1rem;white-space:nowrap}
.panel{background:var(--panel);border-left:4px solid var(--accent);border-radius:0 6px 6px 0;padding:.75rem 1rem .75rem 2.25rem;max-width:52rem}
.hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.wide{overflow-x:auto;margin:1rem 0 .5rem;background:linear-gradient(to right,var(--paper) 30%,transparent) left/40px 100% no-repeat local,linear-gradient(to left,var(--paper) 30%,transparent) right/40px 100% no-repeat local,linear-gradient(to right,var(--shade),transparent) left/14px 100% no-repeat scroll,linear-gradient(to left,var(--shade),transparent) right/14px 100% no-repeat scroll}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
table{border-collapse:collapse;min-width:100%;font-size:.9rem;line-height:1.35}
table.compact{min-width:0}
caption{text-align:left;color:var(--muted);font-size:.875rem;padding-bottom:.5rem}
th,td{text-align:left;font-weight:400;padding:.45rem 1rem .45rem 0;border-bottom:1px solid var(--line);vertical-align:baseline;white-space:nowrap}
thead th{color:var(--muted);font-size:.8rem;vertical-align:bottom}
thead button{all:unset;cursor:pointer}thead button:focus-visible{outline:2px solid var(--accent);outline-offset:2px}thead button::after{content:' ↕';color:var(--line)}[aria-sort=ascending] button::after{content:' ↑';color:var(--ink)}[aria-sort=descending] button::after{content:' ↓';color:var(--ink)}
tr.block th{font-weight:600;padding-top:1.25rem}
tr.control>*{color:var(--muted)}
th small,td small{display:block;color:var(--muted);font-size:.75rem}
thead th small{display:inline}
.lessons{white-space:normal;max-width:24rem;overflow-wrap:anywhere}
.matrix th,.matrix td{padding:.3rem .5rem;font-size:.85rem}
.matrix thead .wrap{min-width:0;max-width:7rem;overflow-wrap:break-word}
.matrix thead small{display:block}
.met{outline:1.5px solid var(--muted);outline-offset:-2px}
.matrix .block th{padding-left:0}
.matrix tbody th[scope=row],.matrix thead th:first-child{position:sticky;left:0;background:var(--paper);padding-left:0;min-width:8rem;max-width:11rem;white-space:normal;overflow-wrap:anywhere}
.over1{background:color-mix(in srgb,var(--real) 9%,transparent)}.under1{background:color-mix(in srgb,var(--fake) 9%,transparent)}.over2{background:color-mix(in srgb,var(--real) 18%,transparent)}.under2{background:color-mix(in srgb,var(--fake) 18%,transparent)}.over3{background:color-mix(in srgb,var(--real) 27%,transparent)}.under3{background:color-mix(in srgb,var(--fake) 27%,transparent)}.over4{background:color-mix(in srgb,var(--real) 36%,transparent)}.under4{background:color-mix(in srgb,var(--fake) 36%,transparent)}.over5{background:color-mix(in srgb,var(--real) 45%,transparent)}.under5{background:color-mix(in srgb,var(--fake) 45%,transparent)}
.number{text-align:right;font-variant-numeric:tabular-nums}
.strong{font-weight:600}
.name{overflow-wrap:anywhere}
.wrap{white-space:normal;min-width:min(16rem,36vw);overflow-wrap:anywhere}
.part{padding-left:1.25rem;color:var(--muted);font-size:.85rem}
tr.driving>*{font-size:.85rem;border-bottom-style:dotted}
.tag{display:inline-block;font-size:.7rem;font-weight:400;color:var(--muted);border:1px solid var(--line);border-radius:999px;padding:0 .45rem;margin-left:.25rem}
.bar{width:100px;height:16px;display:block;margin-bottom:-3px}
.axis{stroke:var(--line)}.chance{stroke:var(--muted);stroke-dasharray:2 2}.range{stroke:var(--accent);stroke-width:3;stroke-linecap:round}.dot{fill:var(--accent)}
.control .range{stroke:var(--muted)}.control .dot{fill:var(--muted)}
.facts{display:flex;flex-wrap:wrap;gap:1px;background:var(--line);border:1px solid var(--line);border-radius:8px;overflow:hidden;max-width:none;margin:1.25rem 0}
.facts div{flex:1 0 8rem;background:var(--paper);padding:.7rem .9rem}
.facts dt{color:var(--muted);font-size:.8rem}
.facts dd{margin:0;font-size:1.15rem;font-weight:600;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
.pairs{display:grid;grid-template-columns:max-content 1fr;gap:.3rem 1.25rem;font-size:.9rem}
.pairs dt{color:var(--muted)}.pairs dd{margin:0;overflow-wrap:anywhere}
.charts{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(20rem,100%),1fr));gap:1.5rem}
figure{margin:0}
figure h3,figure h4,figure h5{font-size:.9rem;margin:0 0 .25rem;overflow-wrap:anywhere}
summary{cursor:pointer;margin:1.25rem 0 .5rem;max-width:46rem}summary h3,summary h4{display:inline;font-size:.95rem;overflow-wrap:anywhere}
.chart{display:block;width:100%;height:auto}
.chart text{font:11px system-ui,sans-serif;fill:var(--muted)}
.frame{fill:none;stroke:var(--line)}
.grid{stroke:var(--line)}
.equal{stroke:var(--muted);stroke-dasharray:1 4;stroke-linecap:round}
.point{fill:var(--paper);stroke:var(--ink);stroke-width:1.2}
.bin{fill:var(--c0);fill-opacity:.6;stroke:var(--c0)}
figcaption b{color:var(--ink);font-weight:600}
.curve{fill:none;stroke-width:2;stroke-linejoin:round}
.real{fill:var(--real)}.fake{fill:var(--fake)}
.ring{fill:var(--paper);stroke:var(--real);stroke-width:1.6}
.key{list-style:none;padding:0;font-size:.85rem;margin:.25rem 0}
.key li{display:flex;gap:.5rem;align-items:baseline;margin:.15rem 0;overflow-wrap:anywhere}
.plain{font-weight:400}
.across{display:flex;flex-wrap:wrap;gap:.1rem 1.25rem;max-width:none;margin:.5rem 0 1rem}
.whiskers{opacity:.5;stroke-width:1}
.key svg{flex:none;width:36px;height:10px}
.key small{display:block;color:var(--muted)}
.key b{font-weight:600;font-variant-numeric:tabular-nums}
.swatch{display:inline-block;width:.75em;height:.75em;border-radius:2px;margin-right:.3em}
.strips{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(20rem,100%),1fr));gap:1.5rem;margin:1rem 0 1.75rem}
.strip video{display:block;width:100%;height:auto;background:#14171c;border-radius:6px}
.strip figcaption{padding-top:.35rem;overflow-wrap:anywhere}
.strip figcaption b{color:var(--ink);font-weight:600}
.strip ul{list-style:none;padding:0;margin:.15rem 0;font-size:.8rem}
.strip li{margin:0}
.items{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(18rem,100%),1fr));gap:1.25rem;margin:.5rem 0 1.5rem}
.item img{display:block;width:100%;height:auto;background:#14171c;border-radius:6px}
.item img+img{margin-top:4px;height:4.5rem}

.map{display:block;width:100%;height:auto;border-radius:6px}
.item figcaption{padding-top:.3rem;overflow-wrap:anywhere}
section>h4{font-size:.95rem;margin:1rem 0 .5rem}
.study video{display:block;width:100%;max-width:32rem;background:#14171c;border-radius:6px}
.study fieldset{border:1px solid var(--line);border-radius:6px;max-width:32rem;margin:1rem 0;display:flex;flex-wrap:wrap;gap:.25rem 1.5rem}
.study label{padding:.35rem 0}
button{font:inherit;padding:.5rem 1.25rem;border:1px solid var(--accent);border-radius:6px;background:var(--panel);color:var(--ink);cursor:pointer}
[hidden]{display:none}
.faces{display:grid;grid-template-columns:repeat(auto-fill,minmax(8rem,1fr));gap:1rem}
.faces img{display:block;border-radius:6px;background:#14171c}
.faces figcaption{overflow-wrap:anywhere;font-size:.75rem}
.sheet{margin:1rem 0 1.5rem}
.sheet img{display:block;width:100%;max-width:48rem;height:auto;border-radius:6px;border:1px solid var(--line)}
@media screen and (max-width:64rem){
table.stack,.stack thead,.stack tbody,.stack tr,.stack th,.stack td,.stack caption{display:block;white-space:normal}
.stack thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.stack tr{display:grid;grid-template-columns:repeat(2,minmax(0,1fr));gap:0 1.25rem;padding:.6rem 0;border-bottom:1px solid var(--line)}
.stack tr.block{padding:1.25rem 0 .35rem}
.stack th,.stack td{border:0;padding:.05rem 0;overflow-wrap:anywhere}
.stack tr.block th{padding:0}
.stack td.number{white-space:nowrap;overflow-wrap:normal}
.stack th,.stack .picture,.stack .name{grid-column:1/-1}
.stack td[data-label]{display:flex;justify-content:space-between;gap:.5rem;text-align:right;align-items:baseline}
.stack td[data-label]::before{content:attr(data-label);color:var(--muted);font-weight:400;font-size:.8rem;text-align:left;white-space:normal;overflow-wrap:anywhere;min-width:0}
.stack .picture{padding:.3rem 0 .45rem}
.stack .bar{width:160px;height:26px}
.stack tr.driving{padding-left:1.25rem;border-bottom-style:dotted}
.stack .part{padding-left:0}
.pairs{grid-template-columns:1fr;gap:0}.pairs dd{margin:0 0 .5rem}
.wide:has(.stack){background:none}
}
@media screen and (max-width:40rem){.scores tr{grid-template-columns:minmax(0,1fr)}}
@media screen and (max-width:48rem){.wide:has(.matrix)::before{content:'There are more columns: scroll sideways →';display:block;position:sticky;left:0;width:max-content;color:var(--muted);font-size:.8rem}}
@media print{:root{color-scheme:light}main{max-width:none;padding:0}table{font-size:.72rem}th,td{padding-right:.5rem}.bar{width:70px}nav,video::-webkit-media-controls{display:none}.wide{overflow:visible;background:none}pre{white-space:pre-wrap}details::details-content{content-visibility:visible;height:auto}figure,tr,li{break-inside:avoid}h2,h3{break-after:avoid}.strips{grid-template-columns:repeat(3,1fr)}}
</style>`;

/** A complete HTML document. `title` is plain text. `script` is text of ours, never of a record; the policy lets nothing else run. `filesBeside`: media may lie beside the page. */
export function page(
  title: string,
  body: Html,
  { script, filesBeside = false }: { script?: string; filesBeside?: boolean } = {},
): Html {
  const hash = script && createHash('sha256').update(script).digest('base64');
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; media-src data:${filesBeside ? " 'self' file:" : undefined}; style-src 'unsafe-inline'${hash === undefined ? undefined : `; script-src 'sha256-${hash}'`}">
<meta name="referrer" content="no-referrer"><title>${title}</title>
${style}</head>
<body><main>
${body}
</main>${script === undefined ? undefined : html`<script>${verbatim(script)}</script>`}</body></html>
`;
}
