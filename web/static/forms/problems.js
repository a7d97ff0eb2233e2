// What is wrong with a form: said beside each field, counted below, gone when it is mended.

import { $, fill, h } from "../lib/dom.js";
import { plural } from "../lib/format.js";

export class Problems {
  // `message` is where the count stands; `titleOf` and `homeOf` say what a field is called and beside which one it is told.
  /**
   * @param {HTMLElement} root
   * @param {HTMLElement} message
   * @param {{ titleOf: (name: string) => string, homeOf?: (name: string) => string }} names
   */
  constructor(root, message, { titleOf, homeOf = (name) => name }) {
    this.root = root;
    this.message = message;
    this.titleOf = titleOf;
    this.homeOf = homeOf;
    /** @type {Set<string>} */
    this.open = new Set();
  }

  // Says what is wrong, a field each, and goes to the first one.
  show(errors) {
    this.clear();
    const rest = [];
    let first = null;
    for (const { where, what } of errors) {
      const name = this.homeOf(where);
      const home = $(`[data-field="${CSS.escape(name)}"]`, this.root);
      if (!home) rest.push(`${this.titleOf(where)} ${what}.`);
      if (!home || this.open.has(name)) continue;
      this.open.add(name);
      home.append(h("p", { class: "wrong", "data-said": true, id: `wrong-${name}` }, `${this.titleOf(where)} ${what}.`));
      const control = $("input:not([tabindex='-1']), select, textarea, button", home);
      control?.setAttribute("aria-invalid", "true");
      control?.setAttribute("aria-describedby", `wrong-${name}`);
      first ??= control;
    }
    this.count(rest.join(" "));
    first?.focus();
  }

  // A field was changed: what was said about it goes, and with the last one the count.
  mended(name) {
    const home = this.homeOf(name);
    if (!this.open.delete(home)) return;
    this.unmark($(`[data-field="${CSS.escape(home)}"]`, this.root));
    this.count();
  }

  clear() {
    for (const name of this.open) this.unmark($(`[data-field="${CSS.escape(name)}"]`, this.root));
    this.open.clear();
    fill(this.message);
  }

  unmark(home) {
    home?.querySelectorAll(":scope > .wrong[data-said]").forEach((each) => each.remove());
    home?.querySelectorAll("[aria-invalid]").forEach((control) => {
      control.removeAttribute("aria-invalid");
      control.removeAttribute("aria-describedby");
    });
  }

  count(rest = "") {
    const words = [this.open.size && `${plural(this.open.size, "field")} to mend.`, rest].filter(Boolean).join(" ");
    fill(this.message, words && h("p", { class: "wrong", role: "alert" }, words));
  }

  // What was answered and belongs to no field, with buttons that go on from there.
  tell(problem, ...more) {
    fill(this.message, h("p", { class: "wrong", role: "alert" }, [problem.title, problem.detail, problem.hint].filter(Boolean).join(" ")), more);
  }
}
