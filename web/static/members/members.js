// Who works in this operation: administrators invite, change and remove; everybody is told what each role records.

import { get, panel, send } from "../lib/api.js";
import { $, failure, fill, h, icon, say, skeleton } from "../lib/dom.js";
import { plural } from "../lib/format.js";

const dialog = $("#member");
const STATES = { invited: "invited", active: "has signed in", disabled: "disabled" };
let told = null;

const moment = (text) => new Date(text).toLocaleString("en-GB", { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", timeZone: "UTC" });
const roleOf = (key) => told.roles.find((role) => role.key === key);
const roomOf = (key) => panel.audiences.find((room) => room.key === key)?.title ?? key;
const records = (key) => told.records.some((line) => line.roles.includes(key));

async function load() {
  const waiting = setTimeout(() => fill($("#people"), skeleton(6, 44)), 150);
  try {
    told = await get("/members");
  } catch (problem) {
    return void fill($("#people"), failure(problem, load));
  } finally {
    clearTimeout(waiting);
  }
  draw();
}

function draw() {
  const invited = told.members.filter((each) => each.state === "invited").length;
  $("#counted").textContent = told.administers
    ? `${plural(told.members.length, "member")}, ${plural(new Set(told.members.map((each) => each.role)).size, "role")}${invited ? ` · ${plural(invited, "invitation")} open` : ""}`
    : "";
  $("#hint").textContent = told.administers
    ? "Names and mail addresses are personal data: in no pack and no file. Times are UTC."
    : "You see your own line; administrators of the operation see everybody and change roles and rooms.";
  $("#invite").hidden = !told.administers;
  fill($("#people"), people());
  fill($("#matrix"), h("h2", { id: "matrix-title" }, "What each role records"),
    h("p", { class: "hint-text" }, "What one may see is said by the rooms one may enter. Both are decided in the database, for pages, files and tokens alike."), matrix());
  say(`Members: ${$("#counted").textContent || "your own line"}`);
}

function people() {
  return h("table", { class: "list people" },
    h("thead", {}, h("tr", {}, ["Person", "Role", "Rooms", "State", "Last seen"].map((title) => h("th", { scope: "col" }, title)), h("td", {}))),
    h("tbody", {}, told.members.map(line)));
}

function state(each) {
  if (each.state !== "invited") return STATES[each.state];
  return each.link_ends_at ? `invited, link until ${moment(each.link_ends_at)}` : "invited, no link holds";
}

const line = (each) => h("tr", {},
  h("th", { scope: "row" }, h("b", {}, each.name || each.email), each.you && h("span", { class: "tag" }, "you"), h("p", { class: "small hint-text" }, each.email)),
  h("td", {}, h("span", { class: "cell-name" }, "Role "), roleOf(each.role)?.title ?? each.role),
  h("td", { class: "of-rooms" }, h("span", { class: "cell-name" }, "Rooms "), each.rooms ? each.rooms.map(roomOf).join(", ") : "all"),
  h("td", {}, h("span", { class: "cell-name" }, "State "), state(each)),
  h("td", {}, h("span", { class: "cell-name" }, "Last seen "), each.seen_at ? moment(each.seen_at) : "never"),
  h("td", { class: "of-do" },
    told.administers && h("button", { type: "button", class: "button small", "aria-label": `Change ${each.name || each.email}`, onclick: () => edit(each) }, "Change"),
    !told.administers && h("button", { type: "button", class: "button small danger", onclick: () => ask(...LEAVE) }, "Leave")));

function matrix() {
  return h("div", { class: "scroll" }, h("table", { class: "list matrix" },
    h("thead", {}, h("tr", {}, h("td", {}), told.roles.map((role) => h("th", { scope: "col", title: role.does }, role.title)))),
    h("tbody", {},
      h("tr", {}, h("th", { scope: "row" }, "See what their rooms are told"), told.roles.map(() => h("td", {}, icon("check"), " yes"))),
      told.records.map((each) => h("tr", {}, h("th", { scope: "row" }, each.what),
        told.roles.map((role) => h("td", {}, each.roles.includes(role.key) ? [icon("check"), " yes"] : h("span", {}, "– ", h("span", { class: "unseen" }, "no")))))))));
}

const field = (title, input, hint) => h("label", { class: "field" }, title, hint && h("span", { class: "hint-line" }, hint), input);

// Role and rooms, in the form of an invitation and in that of a change.
function place(now) {
  const role = h("select", { class: "input", name: "role" }, told.roles.map((each) => h("option", { value: each.key, selected: each.key === now.role }, each.title)));
  const does = h("p", { class: "small hint-text" });
  const rooms = h("fieldset", { class: "rooms-kept" }, h("legend", {}, "Rooms they may enter; none marked: all"),
    panel.audiences.map((room) => h("label", {}, h("input", { type: "checkbox", name: "rooms", value: room.key, checked: now.rooms?.includes(room.key) }), room.title)));
  const follow = () => {
    does.textContent = `${roleOf(role.value).title} ${roleOf(role.value).does}${records(role.value) ? ", in every room." : "."}`;
    rooms.hidden = rooms.disabled = records(role.value);
  };
  role.addEventListener("change", follow);
  follow();
  return [field("Role", role), does, rooms];
}

const placeIn = (form) => ({ role: form.elements.role.value, rooms: new FormData(form).getAll("rooms") });

function open(title, parts, submit, words) {
  const problem = h("div", {});
  const button = h("button", { type: "submit", class: "button primary" }, words);
  const form = h("form", { class: "side-body" }, parts, problem, h("div", { class: "actions" }, button));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.disabled = true;
    try {
      await submit(form);
      dialog.close();
      await load();
    } catch (error) {
      fill(problem, failure(error));
    } finally {
      button.disabled = false;
    }
  });
  fill(dialog,
    h("div", { class: "side-head" }, h("h2", { id: "member-title" }, title), h("button", { type: "button", class: "bare", "aria-label": "Close", onclick: () => dialog.close() }, icon("close"))),
    form);
  dialog.showModal();
  return { form, problem };
}

const post = (method, path, body) =>
  send(method, `/members${path}`, body ? { headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) } : {});

function invite() {
  open("Invite somebody", [
    field("Mail address", h("input", { class: "input", type: "email", name: "email", maxlength: 320, required: true, autocomplete: "off" })),
    field("Name", h("input", { class: "input", name: "name", maxlength: 120, required: true, autocomplete: "off" }), "Others see it beside what they record"),
    place({ role: "viewer", rooms: [] }),
  ], async (form) => {
    const { email, name } = Object.fromEntries(new FormData(form));
    show(String(email), await post("POST", "", { email, name, ...placeIn(form) }));
  }, "Invite");
}

function edit(each) {
  const whose = each.name || each.email;
  const { form, problem } = open(whose, [h("p", { class: "small hint-text" }, each.email), place(each)], (form) => post("PATCH", `/${each.id}`, placeIn(form)), "Keep");
  const link = async () => {
    try {
      const given = await post("POST", `/${each.id}/links`);
      dialog.close();
      await load();
      show(each.email, given);
    } catch (error) {
      fill(problem, failure(error));
    }
  };
  form.append(h("h3", {}, "Password"),
    h("p", { class: "small hint-text" }, "A link to set a new one, shown once. Links given before end; sessions end when it is used."),
    h("button", { type: "button", class: "button", onclick: link }, "New link"),
    h("h3", {}, "Leaving"),
    h("p", { class: "small hint-text" }, each.you ? LEAVE[1] : "Their next request is not answered here. What they recorded stays."),
    h("button", { type: "button", class: "button danger", onclick: () => (each.you ? ask(...LEAVE) : ask(`Remove ${whose}?`, "Their next request is not answered here. What they recorded stays.", "Remove", () => post("DELETE", `/${each.id}`))) }, each.you ? "Leave the operation" : "Remove from the operation"));
}

const LEAVE = ["Leave this operation?", "Your next request is not answered here, and what you recorded stays. An administrator can invite you again.", "Leave", () => leave()];
const leave = () => post("DELETE", "/me").then(() => location.assign(`${panel.base}/`));

function ask(title, says, words, then) {
  if (dialog.open) dialog.close();
  open(title, [h("p", {}, says)], then, words);
}

// A link is in this page and nowhere else; it goes when the page is left.
function show(email, given) {
  const shown = $("#given");
  shown.hidden = false;
  if (!given.link) {
    fill(shown, h("p", {}, h("b", {}, email), " has an account on this instance already, and works here from now on. Make sure with them by another way that it is theirs."),
      h("button", { type: "button", class: "bare", "aria-label": "Close", onclick: () => (shown.hidden = true) }, icon("close")));
    return void say(`${email} is a member now`);
  }
  const address = h("input", { class: "input", readonly: true, value: given.link, "aria-label": `Link for ${email}`, onfocus: (event) => event.target.select() });
  const copied = h("button", { type: "button", class: "button", onclick: async () => {
    address.select();
    await navigator.clipboard.writeText(given.link);
    copied.textContent = "Copied";
  } }, "Copy");
  fill(shown,
    h("p", {}, h("b", {}, `Link for ${email}, shown this once.`), ` It sets a password, once, until ${moment(given.link_ends_at)} UTC. Send it by a way that others do not read.`),
    h("div", { class: "link-line" }, address, navigator.clipboard && copied, h("button", { type: "button", class: "button", onclick: () => (shown.hidden = true) }, "Done")));
  address.focus();
  say(`A link for ${email} is shown once`);
}

$("#invite").addEventListener("click", invite);
load();
