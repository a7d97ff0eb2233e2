// The tools of the map, one at a time; their buttons stand on the rail from the beginning.

export class Tools {
  // `hint` is shown while the first tool, which is there from the beginning, is in use.
  constructor(root, hint) {
    Object.assign(this, { root, hint, tools: [], used: null });
  }

  // `start` begins it, `stop` ends it and is called before another begins. Its button is marked by its name.
  add({ name, start = () => {}, stop = () => {} }) {
    this.tools.push({ name, button: this.root.querySelector(`[data-tool="${name}"]`), start, stop });
    if (!this.used) this.mark(name);
  }

  // `asked` is what the tool is to begin with.
  use(name, asked) {
    const before = this.tools.find((tool) => tool.name === this.used);
    if (before.name !== name) before.stop();
    this.mark(name);
    this.tools.find((tool) => tool.name === name).start(asked);
  }

  // A tool that has ended by itself gives way to the first one.
  ended(name) {
    if (this.used === name) this.mark(this.tools[0].name);
  }

  // Ends the tool in use; whether there was one besides the first.
  leave() {
    const tool = this.tools.find((each) => each.name === this.used);
    if (tool === this.tools[0]) return false;
    tool.stop();
    this.ended(tool.name);
    return true;
  }

  mark(name) {
    this.used = name;
    for (const tool of this.tools) tool.button.setAttribute("aria-pressed", String(tool.name === name));
    this.hint.hidden = name !== this.tools[0].name;
  }
}
