// One's own account: from where one is signed in, which programs ask as one, the password.

import { get, send } from "../lib/api.js";
import { $, failure, fill, h, icon, say, skeleton } from "../lib/dom.js";

const dialog = $("#asked-for");
const shortest = Number($(".account").dataset.shortest);
const MOMENT = { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", timeZone: "UTC" };
let told = null;
let secret = null;

const moment = (text) => new Date(text).toLocaleString("en-GB", /** @type {Intl.DateTimeFormatOptions} */ (MOMENT));
const day = (text) => new Date(text).toLocaleDateString("en-GB", { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });
const json = (method, path, body) =>
  send(method, `/account${path}`, body ? { headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) } : {});
const leave = () => location.assign("/sign-in");

async function load() {
  const waiting = setTimeout(() => fill($("#sessions"), skeleton(4, 44)), 150);
  try {
    told = await get("/account/state");
  } catch (problem) {
    if (problem.status === 401) return void leave();
    return void fill($("#sessions"), failure(problem, load));
  } finally {
    clearTimeout(waiting);
  }
  draw();
}

function draw() {
  $("#whose").textContent = `${told.name ? `${told.name} · ` : ""}${told.email} · times are UTC`;
  fill($("#sessions"),
    h("div", { class: "section-head" }, h("h2", { id: "sessions-title" }, "Where you are signed in"),
      h("button", { type: "button", class: "button danger", onclick: () => ask("Sign out everywhere?", "Every session ends, this one too. Tokens stay.", "Sign out everywhere", async () => {
        await json("DELETE", "/sessions");
        leave();
      }) }, "Sign out everywhere")),
    list(["Begun", "Last seen", "From", "Ends"], told.sessions.map(session)));
  fill($("#tokens"),
    h("div", { class: "section-head" }, h("h2", { id: "tokens-title" }, "Tokens for programs"),
      h("button", { type: "button", class: "button primary", "aria-haspopup": "dialog", onclick: make }, icon("plus"), "Make a token")),
    h("p", { class: "hint-text" }, "QGIS, GDAL, scripts and notebooks ask with a token: as the password of basic authentication (any name), or as Authorization: Bearer. What it is shown and may record is decided as for you, at each request."),
    secret,
    told.tokens.length ? list(["Name", "For", "Does", "Last used", "Ends"], told.tokens.map(token)) : h("p", {}, "You have none."));
  if (!$("#password form")) password();
}

const list = (titles, lines) => h("table", { class: "list people" },
  h("thead", {}, h("tr", {}, titles.map((title) => h("th", { scope: "col" }, title)), h("td", {}))), h("tbody", {}, lines));
const cell = (title, ...words) => h("td", {}, h("span", { class: "cell-name" }, `${title} `), words);

const session = (each) => h("tr", {},
  h("th", { scope: "row" }, moment(each.begun_at), each.this && h("span", { class: "tag" }, "this session")),
  cell("Last seen", moment(each.seen_at)),
  cell("From", each.from_where || "not known"),
  cell("Ends", moment(each.ends_at)),
  h("td", { class: "of-do" }, h("button", { type: "button", class: "button small", "aria-label": `Sign out ${each.this ? "here" : `the session of ${moment(each.begun_at)}`}`, onclick: (event) => done(event.target, async () => {
    await json("DELETE", `/sessions/${each.id}`);
    if (each.this) leave();
  }) }, "Sign out")));

const token = (each) => h("tr", {},
  h("th", { scope: "row" }, h("b", {}, each.name || "without a name")),
  cell("For", forWhat(each)),
  cell("Does", each.reads ? "reading only" : "what your role does"),
  cell("Last used", each.used_at ? moment(each.used_at) : "never"),
  cell("Ends", day(each.ends_at)),
  h("td", { class: "of-do" }, h("button", { type: "button", class: "button small danger", "aria-label": `Revoke ${each.name}`, onclick: () =>
    ask(`Revoke ${each.name || "this token"}?`, "What asks with it is not answered any more, from its next request on.", "Revoke", () => json("DELETE", `/tokens/${each.id}`)) }, "Revoke")));

function forWhat(each) {
  if (each.operation === null) return "every operation of yours";
  const place = told.places.find((one) => one.operation === each.operation);
  if (!place) return h("span", { class: "ended" }, "an operation that you work in no longer");
  return each.room ? `${place.title}, ${place.rooms[each.room] ?? "a room that you may not enter"}` : place.title;
}

// A button's work: it waits, and what goes wrong stands beside it.
async function done(button, work) {
  button.disabled = true;
  try {
    await work();
    await load();
  } catch (problem) {
    button.closest("td").append(failure(problem));
  } finally {
    button.disabled = false;
  }
}

const field = (title, input, hint) => h("label", { class: "field" }, title, hint && h("span", { class: "hint-line" }, hint), input);

function form(parts, words, work) {
  const problem = h("div", {});
  const button = h("button", { type: "submit", class: "button primary" }, words);
  const made = h("form", {}, parts, problem, h("div", { class: "actions" }, button));
  made.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.disabled = true;
    fill(problem);
    try {
      await work(made);
    } catch (error) {
      fill(problem, failure(error));
    } finally {
      button.disabled = false;
    }
  });
  return made;
}

function open(title, parts, words, work) {
  const made = form(parts, words, async (of) => {
    await work(of);
    dialog.close();
    await load();
  });
  made.className = "side-body";
  fill(dialog,
    h("div", { class: "side-head" }, h("h2", { id: "asked-title" }, title), h("button", { type: "button", class: "bare", "aria-label": "Close", onclick: () => dialog.close() }, icon("close"))),
    made);
  dialog.showModal();
}

const ask = (title, says, words, work) => open(title, [h("p", {}, says)], words, work);

function make() {
  const operation = h("select", { class: "input", name: "operation" }, h("option", { value: "" }, "Every operation of yours"),
    told.places.map((place) => h("option", { value: place.operation }, place.title)));
  const room = h("select", { class: "input", name: "room" });
  const reads = h("select", { class: "input", name: "reads" }, h("option", { value: "true" }, "Reading only"), h("option", { value: "" }, "What your role does"));
  const follow = () => {
    const place = told.places.find((one) => one.operation === operation.value);
    fill(room, h("option", { value: "" }, "Every room of yours"), Object.entries(place?.rooms ?? {}).map(([key, title]) => h("option", { value: key }, title)));
    room.disabled = !place;
  };
  operation.addEventListener("change", follow);
  room.addEventListener("change", () => {
    reads.disabled = Boolean(room.value);
    if (room.value) reads.value = "true";
  });
  follow();
  open("Make a token", [
    field("Name", h("input", { class: "input", name: "name", maxlength: 120, required: true, autocomplete: "off" }), "What it is for, such as QGIS at the office"),
    field("Operation", operation),
    field("Room", room, "A token for one room reads only"),
    field("What it does", reads),
    field("Days until it ends", h("input", { class: "input", name: "days", type: "number", min: 1, max: 366, value: 90, required: true })),
  ], "Make it", async (of) => {
    const { name, days } = Object.fromEntries(new FormData(of));
    const made = await json("POST", "/tokens", { name, days: Number(days), operation: operation.value || null, room: room.value || null, reads: reads.value === "true" });
    show(String(name), made.token);
  });
}

// A token is in this page and nowhere else; it goes when the page is left.
function show(name, token) {
  const input = h("input", { class: "input", readonly: true, value: token, "aria-label": `Token ${name}`, onfocus: (event) => event.target.select() });
  const copied = h("button", { type: "button", class: "button", onclick: async () => {
    await navigator.clipboard.writeText(token);
    copied.textContent = "Copied";
  } }, "Copy");
  secret = h("div", { class: "secret" },
    h("p", {}, h("b", {}, `Token ${name}, shown this once.`), " Whoever has it asks as you, within what it is for. Keep it where passwords are kept."),
    h("div", { class: "link-line" }, input, navigator.clipboard && copied, h("button", { type: "button", class: "button", onclick: () => {
      secret = null;
      draw();
    } }, "Done")));
  say(`The token ${name} is shown once`);
}

function password() {
  const of = (name, autocomplete) => h("input", { class: "input", type: "password", name, autocomplete, maxlength: 256, required: true, minlength: name === "present" ? null : shortest });
  const changed = h("p", { role: "status" });
  const made = form([
    field("Present password", of("present", "current-password")),
    field("New password", of("password", "new-password"), `At least ${shortest} characters`),
    field("The same again", of("again", "new-password")),
    changed,
  ], "Change password", async (it) => {
    const said = Object.fromEntries(new FormData(it));
    if (said.password !== said.again) throw { title: "The two passwords are not the same", detail: "Type the new one again." };
    await json("PUT", "/password", { present: said.present, password: said.password });
    it.reset();
    changed.textContent = "Your password is changed; your other sessions have ended.";
    await load();
  });
  made.className = "narrow";
  fill($("#password"), h("div", { class: "section-head" }, h("h2", { id: "password-title" }, "Password")),
    h("p", { class: "hint-text" }, "A new password ends every other session of yours. Tokens stay: revoke those that you do not know."), made);
}

load();
