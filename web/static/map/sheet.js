// The bottom sheet of a phone: three stops, reached by its grip, by dragging its head, or by the arrow keys on the grip.

const STOPS = ["low", "half", "full"];
const LOW_PX = 120;
const DRAGGED_PX = 6;

export class Sheet {
  // `root` holds a `.grip`, in a head or alone; what is in it may be filled anew at any time.
  constructor(root, stop = "low") {
    this.root = root;
    this.set(stop);
    root.addEventListener("click", (event) => event.target.closest(".grip") && !this.dragged && this.step(1, true));
    root.addEventListener("keydown", (event) => {
      const by = { ArrowUp: 1, ArrowDown: -1 }[event.key];
      if (!by || !event.target.closest(".grip")) return;
      event.preventDefault();
      this.step(by);
    });
    root.addEventListener("pointerdown", (event) => this.grab(event));
  }

  set(stop) {
    this.root.dataset.stop = stop;
    this.root.style.blockSize = "";
  }

  get stop() {
    return this.root.dataset.stop;
  }

  step(by, around = false) {
    const at = STOPS.indexOf(this.stop) + by;
    this.set(STOPS[around ? at % STOPS.length : Math.min(Math.max(at, 0), STOPS.length - 1)]);
  }

  // Follows the finger, then goes to the nearest stop.
  grab(event) {
    this.dragged = false;
    const held = event.target.closest(".grip, .panel-head, .drawer-head");
    if (!held || event.target.closest("button:not(.grip), a, input, select")) return;
    const [from, began] = [event.clientY, this.root.getBoundingClientRect().height];
    let height = began;
    const moved = ({ clientY }) => {
      if (Math.abs(clientY - from) < DRAGGED_PX && !this.dragged) return;
      this.dragged = true;
      height = Math.max(LOW_PX, began + from - clientY);
      Object.assign(this.root.style, { blockSize: `${height}px`, transition: "none" });
    };
    const control = new AbortController();
    const done = () => {
      control.abort();
      if (!this.dragged) return;
      this.root.style.transition = "";
      const away = { low: LOW_PX, half: innerHeight / 2, full: innerHeight };
      this.set(STOPS.toSorted((a, b) => Math.abs(away[a] - height) - Math.abs(away[b] - height))[0]);
    };
    window.addEventListener("pointermove", moved, { signal: control.signal });
    window.addEventListener("pointerup", done, { signal: control.signal });
    window.addEventListener("pointercancel", done, { signal: control.signal });
  }
}

// On a phone the days and the layers are one sheet over the map, and what was clicked another over both. `phone` is a
// media query; on a wide screen everything stands where the page has it.
export function sheets(phone, { layers, time, drawer, middle }) {
  const [first, second] = [new Sheet(layers, "low"), new Sheet(drawer, "half")];
  const settle = () => (phone.matches ? layers.querySelector(".grip").after(time) : middle.append(time));
  phone.addEventListener("change", settle);
  settle();
  new MutationObserver(() => {
    if (!phone.matches || drawer.hidden) return;
    first.set("low");
    if (second.stop === "low") second.set("half");
  }).observe(drawer, { attributeFilter: ["hidden"] });
}
