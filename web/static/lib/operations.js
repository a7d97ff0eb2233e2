// The picker of operations in the top bar: asked for when it is opened, so that no page waits for it.

import { here, mayWrite, panel, question } from "./api.js";
import { $, failure, fill, h } from "./dom.js";

const picker = $("#operations");
const list = $(".menu-list", picker);

// The same page of another operation, in the same room; days and places are this operation's own.
function addressOf(key) {
  const page = location.pathname.split("/").at(-1);
  return `${panel.base}/operations/${key}/${page}?${new URLSearchParams({ audience: question.audience })}`;
}

async function load() {
  try {
    const response = await fetch(`${panel.base}/operations`, { cache: "no-cache" });
    if (!response.ok) throw Object.assign(new Error(), { title: "The operations did not load", detail: `The service answered ${response.status}.` });
    const found = await response.json();
    fill(list,
      found.map((each) => h("a", { href: addressOf(each.key), "aria-current": here.endsWith(`/${each.key}`) ? "true" : null },
        h("b", {}, each.title), each.exercise && h("span", { class: "tag" }, "EXERCISE"), !each.bbox && h("span", { class: "hint-text" }, "nothing recorded yet"))),
      picker.dataset.activity && h("a", { class: "all", href: picker.dataset.activity }, `Who changed what in ${panel.operation.title}`),
      picker.dataset.members && h("a", { class: "all", href: picker.dataset.members }, `Members of ${panel.operation.title}`),
      mayWrite && h("a", { class: "all", href: `${here}/field?${new URLSearchParams({ audience: question.audience })}` }, `Field copies of ${panel.operation.title}`),
      h("a", { class: "all", href: `${panel.base}/?${new URLSearchParams({ audience: question.audience })}` }, "All operations: what is new, what is due"));
  } catch (problem) {
    fill(list, failure(problem, load));
  }
}

picker.addEventListener("toggle", () => picker.open && load());
picker.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !picker.open) return;
  event.stopPropagation();
  picker.open = false;
  $("summary", picker).focus();
});
document.addEventListener("click", (event) => {
  if (picker.open && event.target instanceof Node && !picker.contains(event.target)) picker.open = false;
});
if (picker.open) load();
