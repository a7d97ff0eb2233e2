// The help of a page: opened by its button or by "?", closed by Escape; its words are in the page's declaration.

import { $ } from "./dom.js";

// A dialog at the side with a button and a key; a letter that somebody writes somewhere is no command.
export function side(dialog, button, key, opened = () => {}) {
  const open = () => {
    if (dialog.open) return dialog.close();
    for (const other of document.querySelectorAll("dialog.side[open]")) /** @type {HTMLDialogElement} */ (other).close();
    opened();
    dialog.show();
    dialog.querySelector("[data-close]")?.focus();
  };
  if (button) button.dataset.ready = "true";
  button?.addEventListener("click", open);
  dialog.addEventListener("click", (event) => event.target.closest("[data-close]") && dialog.close());
  dialog.addEventListener("close", () => button?.focus());
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && dialog.open) {
      event.preventDefault();
      return dialog.close();
    }
    const target = /** @type {HTMLElement} */ (event.target);
    if (event.key.toLowerCase() !== key || event.ctrlKey || event.metaKey || event.altKey || target.closest("input, select, textarea, [contenteditable]")) return;
    event.preventDefault();
    open();
  });
}

side($("#help"), $("#open-help"), "?");
