/** How every page looks. A tenant's colour replaces `--accent` and `--on-accent`. */
export const stylesheet = `:root {
  color-scheme: light dark;
  --accent: #2a4bd0;
  --on-accent: #ffffff;
  --page: #f3f4f7;
  --card: #ffffff;
  --text: #16181d;
  --quiet: #565d6b;
  --line: #d7dae1;
  --field-line: #828997;
  --field: #ffffff;
  --hover: #eef0f4;
  --problem: #a5161d;
  --problem-card: #fdf0f0;
  --danger: #b3161f;
  --success: #176639;
  --success-card: #edf8f1;
  --shadow: 0 1px 2px #10182810, 0 8px 28px #10182812;
}
@media (prefers-color-scheme: dark) {
  :root {
    --accent: #9db2ff;
    --on-accent: #0b0d10;
    --page: #101216;
    --card: #1b1e24;
    --text: #eceef2;
    --quiet: #a6adba;
    --line: #333843;
    --field-line: #7c8493;
    --field: #14171c;
    --hover: #262a32;
    --problem: #ffb3b0;
    --problem-card: #38191b;
    --danger: #ff9d99;
    --success: #8fdcae;
    --success-card: #15301f;
    --shadow: 0 1px 2px #00000040;
  }
}
*, ::before, ::after { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body {
  margin: 0;
  min-height: 100vh;
  min-height: 100svh;
  display: flex;
  flex-direction: column;
  align-items: center;
  padding: clamp(1.5rem, 9vh, 6rem) 1rem 2rem;
  background: var(--page);
  color: var(--text);
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", "Liberation Sans", Arial, sans-serif;
  overflow-wrap: anywhere;
}
header {
  display: flex;
  align-items: center;
  gap: .75rem;
  width: 100%;
  max-width: 26rem;
  margin-bottom: 1.25rem;
  padding: 0 .25rem;
}
.logo { max-width: 9rem; max-height: 2.5rem; }
.mark {
  flex: none;
  display: grid;
  place-items: center;
  width: 2.5rem;
  height: 2.5rem;
  border-radius: .7rem;
  background: var(--accent);
  color: var(--on-accent);
  font-weight: 650;
  font-size: 1.15rem;
}
.name { font-weight: 600; font-size: 1.05rem; letter-spacing: -.005em; }
main {
  width: 100%;
  max-width: 26rem;
  padding: 2rem;
  background: var(--card);
  border: 1px solid var(--line);
  border-radius: 1rem;
  box-shadow: var(--shadow);
}
.wide main, .wide header, .wide footer { max-width: 44rem; }
footer { width: 100%; max-width: 26rem; padding: 1rem .25rem 0; color: var(--quiet); font-size: .875rem; }
h1 { margin: 0 0 .5rem; font-size: 1.5rem; line-height: 1.25; letter-spacing: -.015em; font-weight: 650; text-wrap: balance; }
h2 { margin: 2rem 0 .75rem; font-size: 1.0625rem; line-height: 1.35; font-weight: 620; }
h3 { margin: 1.25rem 0 .375rem; font-size: .9375rem; font-weight: 600; }
p { margin: 0 0 1rem; }
main > :last-child, form > :last-child, .box > :last-child { margin-bottom: 0; }
h1 + .person, h1 + form { margin-top: 1.25rem; }
.field + button { margin-top: 1.5rem; }
.lead { color: var(--quiet); margin-bottom: 1.5rem; }
.quiet { color: var(--quiet); font-size: .875rem; }
a { color: var(--accent); text-underline-offset: .2em; text-decoration-thickness: .08em; }
a:hover { text-decoration-thickness: .14em; }
code { font: .9em ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: .35rem; }
label { display: block; margin-bottom: .375rem; font-weight: 550; font-size: .9375rem; }
input:not([type=hidden], [type=radio], [type=checkbox]) {
  width: 100%;
  min-height: 2.875rem;
  padding: .55rem .8rem;
  border: 1px solid var(--field-line);
  border-radius: .6rem;
  background: var(--field);
  color: var(--text);
  font: inherit;
}
input:not([type=hidden]):focus-visible { outline-offset: 0; border-color: var(--accent); border-radius: .6rem; }
input[aria-invalid=true] { border-color: var(--problem); }
.code { font-variant-numeric: tabular-nums; letter-spacing: .2em; }
.hint { display: block; margin-top: .375rem; color: var(--quiet); font-size: .875rem; }
button, .button {
  display: flex;
  align-items: center;
  justify-content: center;
  gap: .5rem;
  width: 100%;
  min-height: 2.875rem;
  padding: .6rem 1.1rem;
  border: 1px solid transparent;
  border-radius: .6rem;
  background: var(--accent);
  color: var(--on-accent);
  font: inherit;
  font-weight: 600;
  text-align: center;
  text-decoration: none;
  cursor: pointer;
}
button:hover, .button:hover { filter: brightness(1.08); }
button:focus-visible, .button:focus-visible { border-radius: .6rem; }
.secondary { background: var(--card); color: var(--text); border-color: var(--field-line); }
.secondary:hover { background: var(--hover); filter: none; }
.link { display: inline; width: auto; min-height: 0; padding: .25rem 0; background: none; color: var(--accent); font-weight: 500; text-decoration: underline; text-underline-offset: .2em; }
.small { width: auto; min-height: 2.25rem; padding: .3rem .8rem; font-size: .875rem; }
.danger { color: var(--danger); }
.buttons { display: grid; grid-template-columns: 1fr 1fr; gap: .75rem; margin: 1.5rem 0 0; }
.stack { display: grid; gap: .75rem; }
.or { display: flex; align-items: center; gap: .75rem; margin: 1.5rem 0; color: var(--quiet); font-size: .875rem; }
.or::before, .or::after { content: ""; flex: 1; border-top: 1px solid var(--line); }
.problem, .success { padding: .75rem 1rem; border-radius: .6rem; border-inline-start: 4px solid var(--problem); background: var(--problem-card); color: var(--problem); font-weight: 500; }
.success { border-color: var(--success); background: var(--success-card); color: var(--success); }
ul.plain { list-style: none; margin: 0 0 1rem; padding: 0; border: 1px solid var(--line); border-radius: .75rem; }
ul.plain > li { display: flex; align-items: flex-start; justify-content: space-between; gap: 1rem; padding: .875rem 1rem; border-top: 1px solid var(--line); }
ul.plain > li:first-child { border-top: 0; }
ul.plain > li form { flex: none; }
.grow { flex: 1; min-width: 0; }
.grow strong { display: block; font-weight: 600; }
.grow .quiet { display: block; }
details { margin-top: .5rem; }
summary { width: fit-content; color: var(--accent); font-size: .875rem; cursor: pointer; }
details[open] > summary { margin-bottom: .5rem; }
.tag { display: inline-block; margin-inline-start: .4rem; padding: 0 .5rem; border: 1px solid var(--line); border-radius: 1rem; color: var(--quiet); font-size: .8125rem; font-weight: 500; }
.person { display: flex; align-items: center; gap: .75rem; margin: 0 0 1.5rem; padding: .7rem .9rem; border: 1px solid var(--line); border-radius: .75rem; }
.avatar { flex: none; display: grid; place-items: center; width: 2.25rem; height: 2.25rem; border-radius: 50%; background: var(--hover); color: var(--text); font-weight: 600; }
.rights { margin: 0 0 1rem; padding: 0; list-style: none; }
.rights li { position: relative; padding: .3rem 0 .3rem 1.75rem; }
.rights li::before { content: ""; position: absolute; left: .3rem; top: .72rem; width: .7rem; height: .38rem; border: solid var(--accent); border-width: 0 0 2.5px 2.5px; transform: rotate(-45deg); }
.rights .quiet { display: block; }
.qr { width: 12.5rem; margin: 0 auto 1.25rem; padding: .5rem; border-radius: .75rem; background: #fff; }
.qr svg { display: block; width: 100%; height: auto; }
.codes { display: grid; grid-template-columns: repeat(auto-fit, minmax(8.25rem, 1fr)); gap: .5rem; margin: 0 0 1.5rem; padding: 0; list-style: none; }
.codes li { padding: .5rem; border: 1px solid var(--line); border-radius: .6rem; text-align: center; }
nav ul { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; list-style: none; margin: 0; padding: 0; }
@media (max-width: 30rem) {
  body { padding-top: 1.5rem; }
  main { padding: 1.5rem 1.25rem; }
}
@media (prefers-reduced-motion: no-preference) {
  button, .button, input { transition: background-color .12s, border-color .12s, filter .12s; }
}
@media (forced-colors: active) {
  button, .button { border-color: ButtonText; }
  .rights li::before { border-color: CanvasText; }
}
@media print { body { background: none; } main { box-shadow: none; } }
`;
