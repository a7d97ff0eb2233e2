// Making elements: texts only ever become text nodes, so nothing in a record can become markup.

const SVG = "http://www.w3.org/2000/svg";

// h("button", { class: "quiet", onclick: f, "aria-pressed": true }, "Words", child, …)
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name in element && ["value", "checked", "disabled", "hidden", "selected"].includes(name)) element[name] = value;
    else element.setAttribute(name, value === true && !name.startsWith("aria-") ? "" : String(value));
  }
  element.append(...children.flat(3).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

// An element of a drawing, in the same way; without listeners.
export function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) if (value !== null && value !== undefined) element.setAttribute(name, value);
  element.append(...children.flat().filter(Boolean));
  return element;
}

// An icon of the sprite in base.html; hidden from readers, since words stand beside it.
export const icon = (name) => svg("svg", { class: "icon", "aria-hidden": "true" }, svg("use", { href: `#i-${name}` }));

/**
 * The first element that a selector finds. Which kind of element it is, its caller knows.
 * @param {string} selector
 * @param {ParentNode} [root]
 * @returns {any}
 */
export const $ = (selector, root = document) => root.querySelector(selector);

export function fill(element, ...children) {
  element.replaceChildren(...children.flat(3).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

let speaking;
const unsaid = new Map();
// Says a count or a result to screen readers, once, after things have come to rest: of each thing that it is about the newest, so
// that what is counted again meanwhile silences no result.
export function say(text, about = "result") {
  unsaid.delete(about);
  unsaid.set(about, text);
  clearTimeout(speaking);
  speaking = setTimeout(() => {
    $("#said").textContent = [...unsaid.values()].join(". ");
    unsaid.clear();
  }, 500);
}

// An error as an element: what failed, what to do, and a way to try again.
export function failure(problem, again) {
  return h(
    "div",
    { class: "state", role: "alert" },
    h("p", { class: "state-title" }, icon("alert"), problem.title || "This did not work"),
    h("p", {}, [problem.detail, problem.hint].filter(Boolean).join(" ")),
    again && h("button", { type: "button", class: "button", onclick: again }, icon("back"), "Try again"),
  );
}

export function skeleton(rows, height = 52) {
  return h(
    "div",
    { class: "skeleton", "aria-hidden": "true" },
    Array.from({ length: rows }, () => h("div", { style: `height:${height}px` }, h("span"), h("span"), h("span"))),
  );
}

let unfolded = false;
// Filters that are not set lie behind one line on a phone; those that are set stay to be seen. `set` tells which these are.
export function folded(chips, set) {
  const all = chips.filter(Boolean);
  const behind = all.filter((chip) => !set(chip));
  if (behind.length < 2 || !matchMedia("(max-width: 767px)").matches) return all;
  return [...all.filter(set), h("details", { class: "fold", open: unfolded, ontoggle: (event) => (unfolded = event.target.open) },
    h("summary", {}, "Filters"), h("div", { class: "fold-body" }, behind))];
}

// A style sheet of `web/static/` that comes when it is first needed; resolves when it applies.
const styles = new Map();
export function style(path) {
  if (!styles.has(path))
    styles.set(path, new Promise((resolve, reject) => {
      const link = h("link", { rel: "stylesheet", href: new URL(`../${path}`, import.meta.url), onload: resolve, onerror: () => reject(new Error(path)) });
      document.head.append(link);
    }));
  return styles.get(path);
}
