// What browsers of the last five years lack of what our scripts use. A browser that has it keeps its own.

const add = (prototype, name, value) => name in prototype || Object.defineProperty(prototype, name, { value, writable: true, configurable: true });

add(Array.prototype, "at", function at(n) {
  return this[n < 0 ? this.length + n : n];
});
add(Array.prototype, "toSorted", function toSorted(by) {
  return [...this].sort(by);
});
add(CanvasRenderingContext2D.prototype, "roundRect", function roundRect(x, y, width, height, r) {
  this.moveTo(x + r, y);
  this.arcTo(x + width, y, x + width, y + height, r);
  this.arcTo(x + width, y + height, x, y + height, r);
  this.arcTo(x, y + height, x, y, r);
  this.arcTo(x, y, x + width, y, r);
  this.closePath();
});

export const ready = true;
