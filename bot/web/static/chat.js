// The citizens' web chat. Transcript, sender id and unsent messages live on this device only.

import { attempt, isHttp, make, textWithLinks } from "./message.js";

const STATE_KEY = "tro-ly-cong-dan-so.chat";
const BIG_TEXT_KEY = "tro-ly-cong-dan-so.big-text";
const KEPT_MESSAGES = 100;
const OFFLINE_WAITS_SECONDS = [1, 2, 4, 8, 15]; // the last one repeats until the network is back
const SERVER_ERROR_WAITS_SECONDS = [2, 5, 15, 30]; // then the citizen decides
const ANSWER_TIMEOUT_MS = 40_000;
const PENDING_SHOWN_MS = 90_000;
const WILL_RETRY = "Chưa gửi được, sẽ tự gửi lại";
const MOST_PHOTOS = 5;
const NOT_SENT = "Không gửi được.";

const $ = (id) => document.getElementById(id);
const [log, input, header, typing] = ["log", "input", "header", "typing"].map($);
const waitFor = (waits, failures) => waits[Math.min(failures, waits.length - 1)];

// crypto.randomUUID is missing on plain http, where a portal may well serve us.
function randomId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join("");
}

// ---- what this device keeps

// epoch changes whenever the conversation is wiped, so that other tabs wipe their screens as well.
// lastId: resume point of the event stream; all up to it was shown and may be gone from the transcript.
// failed: ids of messages that were given up.
const emptyState = () => ({ epoch: randomId(), sender: null, lastId: 0, log: [], outbox: [], failed: [] });

// Touching localStorage throws in an embedded third-party frame; memory then has to do.
let storage = attempt(() => {
  localStorage.setItem(`${STATE_KEY}.probe`, "1");
  localStorage.removeItem(`${STATE_KEY}.probe`);
  return localStorage;
});
let memory = emptyState();

// Always read afresh: another tab may have written since. Damaged content is passed over.
function readState() {
  const kept = storage && attempt(() => JSON.parse(storage.getItem(STATE_KEY)));
  if (kept && Array.isArray(kept.log) && Array.isArray(kept.outbox)) memory = { ...emptyState(), ...kept };
  return memory;
}

function changeState(edit) {
  memory = readState();
  edit(memory);
  while (memory.log.length > KEPT_MESSAGES) memory.lastId = Math.max(memory.lastId, memory.log.shift().id || 0);
  try {
    storage?.setItem(STATE_KEY, JSON.stringify(memory));
  } catch {
    storage = undefined; // full: from here on this visit lives in memory
  }
}

// Telephones are shared, so ID-card, bank-card and OTP numbers do not stay in the kept transcript.
// No lookbehind in here: older iPhones refuse the whole script over it.
function maskNumbers(text) {
  const long = /(^|[^\p{L}\d.-])(\d(?:[ .-]?\d){8,}|\d{6,})(?![\p{L}\d])/gu;
  return text.replace(long, (all, before, digits) => before + digits.replace(/\d/g, "•"));
}

// ---- messages on the screen

let epoch;
const elements = new Map(); // key of the transcript entry -> element
const seenIds = new Set();

function imageOf(address, alt) {
  const image = make("img");
  Object.assign(image, { alt: alt || "Hình minh họa", src: address });
  image.addEventListener("load", () => atEnd && scrollToEnd());
  // our policy loads pictures of this site only; others are offered as a link
  image.addEventListener("error", () => image.replaceWith(textWithLinks(image.src)));
  return image;
}

function press(event, text, payload) {
  if (event.detail > 1) return; // an unsteady finger taps twice, and hits whatever has moved there by then
  say(text, payload).focus({ preventScroll: true }); // the pressed button may be gone; the tab order goes on from here
}

function choicesOf({ buttons, quick }) {
  const group = make("div", quick ? "choices quick" : "choices");
  for (const { title, payload } of buttons) {
    const button = group.appendChild(make("button", "choice", title));
    button.addEventListener("click", (event) => press(event, title, payload));
  }
  return group;
}

// The telephone's own camera or album; the picture goes up at once, for the report that is being written.
function photoChoice() {
  const label = make("label", "choice photo");
  const file = make("input", "sr-only");
  Object.assign(file, { type: "file", accept: "image/jpeg,image/png,image/webp", multiple: true });
  label.append(file, "📷 Gửi ảnh");
  file.addEventListener("change", async () => {
    const chosen = [...file.files].slice(0, MOST_PHOTOS);
    file.value = "";
    for (const one of chosen) await sendPhoto(one);
  });
  return label;
}

async function sendPhoto(file) {
  const { sender } = readState();
  const entry = { key: `u${randomId()}`, who: "user", text: `📷 ${file.name || "Ảnh"}`, besides: true };
  reveal(show(entry));
  changeState((state) => state.log.push(entry));
  setWaiting({ post: true });
  let told = "Chưa gửi được ảnh. Bạn xem lại mạng rồi chọn lại ảnh.";
  try {
    const address = `/api/chat/photo?sender=${encodeURIComponent(sender)}&id=${entry.key}`;
    const response = await fetch(address, { method: "POST", headers: { "Content-Type": "application/octet-stream" }, body: file });
    const body = attempt(JSON.parse.bind(null, await response.text())) || {};
    if (!response.ok) setNote(entry.key, NOT_SENT);
    told = body.text || body.error || told;
  } catch {
    setNote(entry.key, NOT_SENT);
  }
  setWaiting({ post: false });
  const answer = { key: `s${randomId()}`, who: "system", text: told };
  reveal(show(answer));
  changeState((state) => state.log.push(answer));
}

// entry: {who: user, bot or system, text} and, where there is one, key, id, buttons, image, alt, quick, photo (may be sent here),
// besides (said beside an open question, whose buttons stay), own (came by itself, and nobody has told yet that it was looked at)
function show(entry) {
  const element = make("div", `msg ${entry.who}`);
  const speaker = { user: "Bạn: ", bot: "Trợ lý: ", system: "Thông báo: " }[entry.who];
  element.append(make("span", "who sr-only", speaker), textWithLinks(entry.text));
  if (entry.image && isHttp(entry.image)) element.append(imageOf(entry.image, entry.alt));
  if (entry.buttons?.length) element.append(choicesOf(entry));
  if (entry.photo) (element.querySelector(".choices") ?? element.appendChild(make("div", "choices"))).append(photoChoice());
  // A bot message that comes by itself must not take away the buttons of an open question; what the citizen says does.
  if (entry.who === "user" && !entry.besides) log.querySelectorAll(".choices.quick").forEach((group) => group.remove());
  $("welcome").hidden = true;
  log.append(element);
  if (entry.key) elements.set(entry.key, element);
  if (entry.id != null) seenIds.add(entry.id);
  if (entry.own && entry.id != null) lookFor(element, entry.id);
  return element;
}

// ---- which of the messages that came by themselves were looked at

const LOOKED_AT_MS = 1000;
const MOST_TOLD = 50;
const untold = new Map(); // element -> id of its message
const onScreen = new Set();
let lookTimer = 0;

// what lies under the header or the composer does not count
const watcher = "IntersectionObserver" in window && new IntersectionObserver((changes) => {
  for (const { target, isIntersecting } of changes) onScreen[isIntersecting ? "add" : "delete"](target);
  lookSoon();
}, { rootMargin: "-64px 0px" });

function lookFor(element, id) {
  if (!watcher) return;
  untold.set(element, id);
  watcher.observe(element);
}

function lookSoon() {
  clearTimeout(lookTimer);
  lookTimer = setTimeout(tellSeen, LOOKED_AT_MS);
}

// Not told is not lost: it is told with the next look.
async function tellSeen() {
  const { sender } = readState();
  const ids = [...onScreen].map((element) => untold.get(element)).filter((id) => id != null).slice(0, MOST_TOLD);
  if (document.hidden || !sender || !ids.length) return;
  try {
    const body = JSON.stringify({ sender, ids });
    const response = await fetch("/api/chat/seen", { method: "POST", headers: { "Content-Type": "application/json" }, body, keepalive: true });
    if (!response.ok) return;
  } catch {
    return;
  }
  for (const [element, id] of untold) {
    if (!ids.includes(id)) continue;
    watcher.unobserve(element);
    untold.delete(element);
    onScreen.delete(element);
  }
  changeState((state) => state.log.forEach((entry) => { if (entry.own && ids.includes(entry.id)) delete entry.own; }));
}

function forgetLooks() {
  watcher?.disconnect?.();
  untold.clear();
  onScreen.clear();
}

document.addEventListener("visibilitychange", lookSoon);

function clearScreen() {
  log.replaceChildren();
  elements.clear();
  seenIds.clear();
  forgetLooks();
  setWaiting({ post: false, pending: false });
}

function drawTranscript() {
  const state = readState();
  epoch = state.epoch;
  clearScreen();
  $("welcome").hidden = false;
  state.log.forEach(show);
}

// The bubble says itself when it has not gone out.
function setNote(key, text, retry) {
  const element = elements.get(key);
  const old = element?.querySelector(".note");
  if (!element || old?.firstChild.textContent === text) return; // not announced again on every try
  old?.remove();
  if (!text) return;
  const note = element.appendChild(make("div", "note"));
  note.append(make("span", "", text));
  if (retry) note.appendChild(make("button", "retry", "Gửi lại")).addEventListener("click", retry);
  if (atEnd) scrollToEnd();
}

// for screen readers only
const speak = (text) => { $("spoken").textContent = text; };

// ---- scrolling

let atEnd = true;
const pageEnd = () => document.documentElement.scrollHeight - window.innerHeight;
const noticeEnd = (top) => { atEnd = pageEnd() - top < 60; };
// the welcome is read from its beginning
const scrollToEnd = () => log.hasChildNodes() && window.scrollTo(0, pageEnd());

// Shows all from this element on, or, when that is more than a screen, its beginning.
function reveal(element) {
  const covered = getComputedStyle(header).position === "sticky" ? header.offsetHeight : 0;
  const top = element.getBoundingClientRect().top + window.scrollY - covered - 8;
  window.scrollTo(0, Math.min(top, pageEnd()));
  noticeEnd(top);
}

window.addEventListener("scroll", () => noticeEnd(window.scrollY), { passive: true });
window.addEventListener("resize", () => atEnd && scrollToEnd());

// ---- "Đang trả lời…"

const waiting = { post: false, pending: false };
let [waitingTimers, pendingTimer] = [[], 0];

function setWaiting(change) {
  const before = waiting.post || waiting.pending;
  Object.assign(waiting, change);
  clearTimeout(pendingTimer);
  if (waiting.pending) pendingTimer = setTimeout(() => setWaiting({ pending: false }), PENDING_SHOWN_MS);
  const now = waiting.post || waiting.pending;
  if (now === before) return;
  waitingTimers.forEach(clearTimeout);
  waitingTimers = now ? [
    setTimeout(() => { typing.hidden = false; if (atEnd) scrollToEnd(); }, 300),
    setTimeout(() => speak("Đang trả lời…"), 2500), // most answers are quicker: do not talk over them
  ] : [];
  typing.hidden = true;
  speak("");
}

// ---- sending

// start: what a link or QR code says, passed on in place of a text
function say(text, payload, start) {
  const id = randomId();
  const entry = { key: `u${id}`, who: "user", text };
  const element = show(entry);
  element.tabIndex = -1;
  changeState((state) => {
    state.log.push({ ...entry, text: maskNumbers(text) });
    const shown = maskNumbers(text).slice(0, 200);
    state.outbox.push(start ? { id, start, shown } : payload == null ? { id, text } : { id, payload, shown });
  });
  reveal(element);
  sendAll();
  return element;
}

let sending = false;

async function sendAll() {
  if (sending) return;
  sending = true;
  try {
    for (let item; (item = readState().outbox[0]);) await deliver(item);
  } finally {
    sending = false;
  }
}

// Taken out of the queue by another tab: sent there, or given up there.
function settle(item) {
  setNote(`u${item.id}`, readState().failed.includes(item.id) ? NOT_SENT : "");
}

const isQueued = (item) => readState().outbox.some(({ id }) => id === item.id);
const unqueue = (item) => changeState((state) => { state.outbox = state.outbox.filter(({ id }) => id !== item.id); });

// Returns when the item was answered, refused, given up or (by another tab or the menu) taken out of the queue.
async function deliver(item) {
  const key = `u${item.id}`;
  let [failures, serverErrors, shownError] = [0, 0, ""];
  while (isQueued(item)) {
    setWaiting({ post: true });
    const reply = await post(item);
    setWaiting({ post: false });
    if (!isQueued(item)) return settle(item);
    if (!reply) {
      setNote(key, WILL_RETRY);
      await pause(waitFor(OFFLINE_WAITS_SECONDS, failures++));
    } else if (reply.messages) {
      setNote(key, "");
      unqueue(item);
      changeState((state) => { state.sender = reply.sender || state.sender; });
      setWaiting({ pending: Boolean(reply.pending) });
      receive(reply.messages, true);
      openStream();
    } else {
      if (reply.error !== shownError) reveal(show({ who: "system", text: reply.error }));
      shownError = reply.error;
      if (reply.mayRetry && serverErrors < SERVER_ERROR_WAITS_SECONDS.length) {
        setNote(key, WILL_RETRY);
        await pause(Math.max(reply.retryAfterSeconds, SERVER_ERROR_WAITS_SECONDS[serverErrors++]));
      } else {
        unqueue(item);
        changeState((state) => { state.failed = [...state.failed.slice(-20), item.id]; });
        setNote(key, NOT_SENT, reply.mayRetry && (() => sendAgain(item)));
        return;
      }
    }
  }
  settle(item);
}

function sendAgain(item) {
  setNote(`u${item.id}`, "");
  elements.get(`u${item.id}`).focus({ preventScroll: true });
  changeState((state) => {
    state.failed = state.failed.filter((id) => id !== item.id);
    state.outbox.push(item);
  });
  sendAll();
}

// null: no answer reached us. The id stays the same on every try, so a repeat is never a second message.
async function post(item) {
  const { sender } = readState();
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), ANSWER_TIMEOUT_MS);
  try {
    const response = await fetch("/api/chat", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(sender ? { sender, ...item } : item),
      signal: abort.signal,
    });
    const body = attempt(JSON.parse.bind(null, await response.text())) || {};
    if (response.ok && Array.isArray(body.messages)) return body;
    const mayRetry = response.ok || response.status === 429 || response.status >= 500;
    return {
      mayRetry,
      error: body.error || (mayRetry ? "Máy chủ đang bận. Tin sẽ tự gửi lại." : "Máy chủ không nhận tin này."),
      retryAfterSeconds: Math.min(Number(response.headers.get("Retry-After")) || 0, 60),
    };
  } catch {
    return null;
  } finally {
    clearTimeout(timer);
  }
}

let wake = () => {};
const pause = (seconds) => new Promise((done) => {
  wake = done;
  setTimeout(done, seconds * 1000);
});

// ---- receiving

// Another tab of this browser may have written it down already.
const isLogged = (state, { key }) => Boolean(key) && state.log.some((entry) => entry.key === key);

// Said in another tab of this sender. What was said here is known by its key.
function overhear({ id, text }) {
  const entry = { key: `u${id}`, who: "user", text: String(text ?? "") };
  if (elements.has(entry.key)) return;
  show(entry);
  changeState((state) => isLogged(state, entry) || state.log.push({ ...entry, text: maskNumbers(entry.text) }));
  if (atEnd) scrollToEnd();
}

function receive(messages, isAnswer) {
  const fresh = messages.filter(({ id }) => id == null || !seenIds.has(id));
  if (!fresh.length) return;
  const goThere = isAnswer || atEnd; // somebody reading further up is not torn away by a reminder
  const forget = fresh.some((message) => message.forget);
  const hadFocus = log.contains(document.activeElement);
  if (forget) wipe({ keepUnsent: true });
  const entries = fresh.map(({ id, text, buttons, image, alt, quick, photo, own }) => (
    { key: id == null ? undefined : `b${id}`, who: "bot", id, text: String(text ?? ""), buttons, image, alt, quick, photo, own }));
  const shown = entries.map(show);
  if (forget) {
    // the receipt stays on the screen and nowhere else; a new sender's ids may start over
    seenIds.clear();
    readState().log.forEach(show);
    shown[0].tabIndex = -1;
    if (hadFocus) shown[0].focus({ preventScroll: true });
  } else {
    changeState((state) => state.log.push(...entries.filter((entry) => !isLogged(state, entry))));
  }
  if (goThere) reveal(shown[0]);
}

let [stream, streamSender] = [null, null];
let [streamFailures, reopenTimer, troubleTimer] = [0, 0, 0];

function openStream() {
  const { sender, lastId } = readState();
  if (stream && streamSender === sender) return;
  closeStream();
  if (!sender) return setTrouble(false);
  streamSender = sender;
  stream = new EventSource(`/api/chat/events?sender=${encodeURIComponent(sender)}&last_id=${lastId}&answers=true`);
  let openedAt = Infinity;
  stream.addEventListener("open", () => {
    openedAt = performance.now();
    setTrouble(false);
  });
  stream.addEventListener("message", (event) => {
    const message = attempt(() => JSON.parse(event.data));
    if (!message || readState().sender !== sender) return;
    message.id ??= Number(event.lastEventId) || null;
    setWaiting({ pending: false });
    receive([message], false);
    if (!message.forget) changeState((state) => { state.lastId = Math.max(state.lastId, message.id || 0); });
  });
  stream.addEventListener("said", (event) => {
    const said = attempt(() => JSON.parse(event.data));
    if (said && readState().sender === sender) overhear(said);
  });
  // We reconnect ourselves: the browser's own try repeats the old last_id, and gives up on some errors.
  stream.addEventListener("error", () => {
    if (performance.now() - openedAt > 10_000) streamFailures = 0;
    closeStream();
    setTrouble(true);
    reopenTimer = setTimeout(openStream, waitFor(OFFLINE_WAITS_SECONDS, streamFailures++) * 1000);
  });
}

function closeStream() {
  stream?.close();
  stream = null;
  clearTimeout(reopenTimer);
}

function setTrouble(isTrouble) {
  if (isTrouble && troubleTimer) return;
  clearTimeout(troubleTimer);
  troubleTimer = isTrouble && setTimeout(() => { $("connection").textContent = "Mất kết nối, đang nối lại…"; }, 3000);
  if (!isTrouble) $("connection").textContent = "";
}

// a telephone that slept, a page taken back out of the browser's history, a network that came back
function resume() {
  wake();
  streamFailures = 0;
  openStream();
  sendAll();
}
document.addEventListener("visibilitychange", () => document.hidden || resume());
window.addEventListener("pageshow", (event) => event.persisted && resume());
window.addEventListener("offline", () => readState().sender && setTrouble(true));
window.addEventListener("online", () => {
  closeStream(); // a stream opened on the former network may be dead without knowing
  resume();
});

// Another tab of this browser said, heard or wiped something.
window.addEventListener("storage", ({ key }) => {
  if (key !== STATE_KEY && key !== null) return;
  if (readState().epoch !== epoch) drawTranscript();
  else memory.log.filter((entry) => !elements.has(entry.key)).forEach(show);
  if (atEnd) scrollToEnd();
  openStream();
});

// keepSender: only the transcript goes. keepUnsent: what was typed after an erasure still goes out, as a new person.
function wipe({ keepSender = false, keepUnsent = false }) {
  changeState((state) => {
    const { sender, log: entries, outbox } = state;
    const lastId = Math.max(state.lastId, ...entries.map((entry) => entry.id || 0));
    Object.assign(state, emptyState());
    if (keepSender) Object.assign(state, { sender, lastId }); // without lastId the server sends the old ones again
    if (keepUnsent) {
      state.outbox = outbox;
      state.log = entries.filter((entry) => outbox.some(({ id }) => entry.key === `u${id}`));
    }
  });
  epoch = memory.epoch;
  if (!keepSender) closeStream();
  clearScreen();
}

// ---- composer

$("composer").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = input.value.normalize("NFC").trim();
  input.focus({ preventScroll: true });
  if (!text) return;
  input.value = "";
  fitInput();
  say(text);
});

input.addEventListener("keydown", (event) => {
  // while a Vietnamese keyboard is still composing a syllable, Enter belongs to it
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
  event.preventDefault();
  $("send").click();
});

// Grows by rows, not by height: a page without inline styles needs no exception in its policy.
function fitInput() {
  const most = window.innerHeight < 480 ? 2 : 5;
  input.rows = 1;
  while (input.rows < most && input.scrollHeight > input.clientHeight + 1) input.rows += 1;
  if (atEnd) scrollToEnd();
}
input.addEventListener("input", fitInput);

document.querySelectorAll(".chip").forEach((chip) => {
  chip.addEventListener("click", (event) => press(event, chip.textContent.trim()));
});

// ---- header

function setBigText(isBig) {
  document.documentElement.classList.toggle("big", isBig);
  $("big-text").setAttribute("aria-pressed", String(isBig));
  fitInput();
}

$("big-text").addEventListener("click", () => {
  setBigText($("big-text").getAttribute("aria-pressed") !== "true");
  attempt(() => storage?.setItem(BIG_TEXT_KEY, $("big-text").getAttribute("aria-pressed")));
});

const menuButton = $("menu-button");
const panels = [...document.querySelectorAll(".panel")];
const isPanelOpen = () => panels.some((panel) => !panel.hidden);

// One panel at a time, or none.
function openPanel(panel) {
  panels.forEach((each) => { each.hidden = each !== panel; });
  menuButton.setAttribute("aria-expanded", String(panel === $("menu")));
  const safeAnswer = panel?.querySelector("[data-keep]");
  safeAnswer?.focus({ preventScroll: true });
  safeAnswer?.scrollIntoView({ block: "nearest" }); // the question above it should stay in sight
}

menuButton.addEventListener("click", () => openPanel(isPanelOpen() ? null : $("menu")));
header.addEventListener("keydown", (event) => {
  const { key } = event;
  if (key !== "Escape" || !isPanelOpen()) return;
  event.preventDefault();
  openPanel(null);
  menuButton.focus();
});
header.addEventListener("click", ({ target }) => {
  const button = target.closest(".panel button");
  if (!button) return;
  if (button.dataset.confirm) return openPanel($(button.dataset.confirm));
  openPanel(null);
  menuButton.focus();
  if (!button.dataset.do) return;
  const isRestart = button.dataset.do === "restart";
  wipe({ keepSender: !isRestart });
  setTrouble(false);
  $("welcome").hidden = false;
  window.scrollTo(0, 0);
  speak(isRestart ? "Đã bắt đầu lại." : "Đã xóa đoạn chat trên máy này.");
});
// an open panel must not cover what somebody tabs or taps to
for (const happening of ["focusin", "pointerdown"]) {
  document.addEventListener(happening, ({ target }) => header.contains(target) || openPanel(null));
}

// ---- in a portal's frame (embed.js), and from a link or QR code

// The frame takes every key, so the portal's script cannot see Escape itself. The message holds nothing, so anybody may have it.
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !event.defaultPrevented && !event.isComposing && window.parent !== window) {
    window.parent.postMessage("tro-ly-cong-dan-so:close", "*");
  }
});

// The words stand in the chat; what is meant goes along.
function followLink() {
  const given = new URLSearchParams(location.search);
  const [course, commune] = [given.get("khoa"), given.get("xa")];
  if (!course && !commune) return;
  history.replaceState(null, "", location.pathname); // a reload says it only once
  if (/^[A-Za-z0-9-]{1,60}$/.test(course ?? "")) say("Tôi muốn xem khóa học này", null, `c-${course}`);
  else if (/^[A-Za-z0-9-]{1,60}$/.test(commune ?? "")) say("Tôi ở xã, phường này", null, `x-${commune}`);
}

// ---- start

drawTranscript();
setBigText(attempt(() => storage?.getItem(BIG_TEXT_KEY)) === "true");
scrollToEnd();
const { sentEarly } = window; // see early.js
window.sentEarly = undefined;
if (sentEarly) $("send").click();
// A moment later, so that a screen reader takes the kept transcript as old and what follows as new.
setTimeout(() => {
  log.setAttribute("aria-live", "polite");
  openStream();
  sendAll();
  followLink();
}, 300);
