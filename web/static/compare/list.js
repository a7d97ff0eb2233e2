// What changed, beside the maps: what happened and what was merely learned apart, by kind of record, each row with its number.

import { label, panel, question, symbolOf } from "../lib/api.js";
import { $, fill, h, say } from "../lib/dom.js";
import { day, days, km2, number, plural } from "../lib/format.js";
import { sign } from "../lib/symbols.js";

const MORE = 50;
const WORDS = { new: "new", ended: "ended", withdrawn: "no longer recorded", moved: "moved", revised: "revised" };

// `more` asks for further records, `goTo` is told a box.
export function list(root, found, { ties, goTo, more }) {
  const shown = [...found.changes];

  function draw() {
    const numbers = new Map(shown.map((change, i) => [change, i + 1]));
    ties.set(shown, (n) => {
      const row = $(`[data-n="${n}"]`, root);
      row?.focus();
      row?.scrollIntoView({ block: "nearest" });
    });
    const keys = Object.keys(found.counts).filter((key) => found.counts[key].happened + found.counts[key].learned);
    const [then, now] = [found.then, found.now];
    const span = days(then.day, now.day) - 1;
    const known = then.known ? ` · known then and ${now.known ? "known later" : "known now"}` : "";
    fill(root,
      h("div", { class: "drawer-head" },
        h("p", { class: "overline" }, "Between two states"),
        h("h2", {}, span ? `What changed since ${day(then.day)}` : `What was learned of ${day(now.day)}`),
        h("p", { class: "small hint-text" }, `${span ? `${day(then.day)} to ${day(now.day)}, ${plural(span, "day")}` : "The same day"}${known}`)),
      h("div", { class: "scroll", tabindex: 0, role: "group", "aria-label": "What changed" },
        h("dl", { class: "figures" }, figures(found)),
        !keys.length && h("p", { class: "state" }, "Nothing that this room is shown differs between the two."),
        keys.map((key) => section(key, numbers)),
        [...found.not_told, ...found.partly].map((words) => h("p", { class: "small hint-text not-told" }, words))),
      h("div", { class: "drawer-foot" },
        h("a", { class: "button primary", href: `${panel.base}/operations/${panel.operation.key}/pack?${new URLSearchParams({ audience: question.audience })}` }, "To the packs"),
        h("button", { type: "button", class: "button", onclick: copy }, "Copy link")));
  }

  function section(key, numbers) {
    const n = found.counts[key];
    const parts = Object.entries(WORDS).filter(([kind]) => n[kind]).map(([kind, words]) => `${number(n[kind])} ${words}`);
    const sum = [number(n.then), n.new && `+ ${number(n.new)}`, n.ended + n.withdrawn && `− ${number(n.ended + n.withdrawn)}`].filter(Boolean);
    return h("section", { class: "changed" },
      h("h3", {}, n.many, h("span", { class: "sum" }, sum.length > 1 ? `${sum.join(" ")} = ${number(n.now)}` : number(n.now))),
      h("p", { class: "small hint-text" }, parts.join(" · ")),
      [false, true].map((learned) => rows(key, learned, numbers)));
  }

  function rows(key, learned, numbers) {
    const mine = shown.filter((change) => change.of === key && change.learned === learned);
    if (!mine.length) return null;
    const left = found.counts[key][learned ? "learned" : "happened"] - mine.length;
    const next = () => further(key, learned, mine.length);
    return [
      h("p", { class: "apart" }, learned ? "Only learned" : "Happened between"),
      h("ul", {}, mine.map((change) => h("li", {}, row(change, numbers.get(change))))),
      left > 0 && h("button", { type: "button", class: "quiet", onclick: next }, `${number(Math.min(left, MORE))} more${left > MORE ? ` of ${number(left)}` : ""}`),
    ];
  }

  function row(change, n) {
    const at = change.is_at ?? change.was_at;
    const rule = symbolOf(change.layer, change.class.now ?? change.class.then);
    return h("button", { type: "button", class: "change", "data-n": n, onclick: () => at?.box?.every(Number.isFinite) && goTo(at.box) },
      h("span", { class: change.is_at ? "tie" : "tie gone" }, number(n)),
      h("span", { class: "change-words" },
        h("b", {}, rule && panel.layers.find((layer) => layer.name === change.layer)?.style.signed ? sign(rule) : null, change.name),
        h("span", { class: "small hint-text" }, [WORDS[change.kind], ...told(change)].join(" · "))),
      h("span", { class: "change-end" }, size(change), h("span", { class: "small hint-text" }, when(change))));
  }

  async function further(key, learned, offset) {
    const answer = await more({ of: key, learned, offset, limit: MORE }).catch((problem) => say(`${problem.title}: ${problem.message}`));
    if (!answer?.changes) return;
    const last = shown.findLastIndex((change) => change.of === key && change.learned === learned);
    shown.splice(last + 1, 0, ...answer.changes);
    draw();
    $(`[data-n="${last + 2}"]`, root)?.focus();
  }

  draw();
}

// The five largest numbers of all kinds of records.
function figures(found) {
  const every = Object.values(found.counts);
  const sum = (kind) => every.reduce((all, n) => all + n[kind], 0);
  return Object.entries({ ...WORDS, learned: "only learned" }).map(([kind, words]) => h("div", {}, h("dt", {}, words), h("dd", {}, number(sum(kind)))));
}

function told(change) {
  const fields = change.fields.filter(({ name }) => name !== "km2").map(({ title, was, now }) => `${title}: ${was} → ${now}`);
  return [...fields, change.source && `according to ${change.source}`, change.by && `by ${change.by}`].filter(Boolean);
}

function size({ km2: of, kind, class: classes, layer }) {
  if (layer === "risk_zones" && classes.then !== classes.now)
    return h("b", {}, `${classes.then ?? "none"} → ${classes.now ?? "none"}`, h("span", { class: "unseen" }, ` ${label("risk_levels", classes.now)}`));
  if (!of) return null;
  const [then, now] = [of.then, of.now].map((value) => (value === null ? null : km2(value)));
  if (kind === "moved" && then !== now) return h("b", {}, `${then} → ${now} km²`);
  return h("b", {}, `${now ?? then} km²`);
}

// "from 1 Oct 2026", "true since 1 Aug 2026, learned 11 Oct 2026"
function when({ kind, learned, begins, ends, recorded }) {
  const on = recorded && day(recorded);
  const gone = kind === "ended" || kind === "withdrawn";
  if (kind === "withdrawn") return on ? `taken back ${on}` : "no longer recorded";
  const since = gone ? ends && `ended ${day(ends)}` : begins && `${learned ? "true since" : "from"} ${day(begins)}`;
  return [since, on && `${learned ? "learned" : "recorded"} ${on}`].filter(Boolean).join(", ");
}

async function copy() {
  try {
    await navigator.clipboard.writeText(location.href);
    say("The link is copied.");
  } catch {
    say("The link stands in the address bar: copy it there.");
  }
}
