// The lesson form saves by itself and does its buttons without loading the page anew. Without this file it works by posting.
"use strict";

(() => {
  const form = document.getElementById("soan");
  if (!form || !form.dataset.save) return;
  const status = document.getElementById("trang-thai"), trouble = document.getElementById("su-co");
  const preview = document.getElementById("xem-thu");
  const KEPT = `soan:${form.dataset.draft}:${location.pathname}`;
  const QUIET_MS = 2000, RETRY_MS = [5000, 10000, 20000, 60000];
  let timer = 0, failures = 0, sending = false, dirty = false, conflict = false;
  const waiting = [];  // buttons pressed while something was on its way

  const revision = () => form.querySelector("[name=revision]");

  /** The values of each field by its name, as the server reads them; "truoc" holds marks of what was loaded, for merging. */
  function fields() {
    const found = {};
    for (const [name, value] of new FormData(form)) {
      if (typeof value === "string" && !["csrf", "revision", "lam"].includes(name)) (found[name] ||= []).push(value);
    }
    return found;
  }

  // What is typed is kept on this machine until the server has it. Private windows may refuse; then the page alone keeps it.
  function keep() {
    try { localStorage.setItem(KEPT, JSON.stringify({ revision: Number(revision().value), fields: fields() })); } catch { /* not kept */ }
  }
  function forget() {
    try { localStorage.removeItem(KEPT); } catch { /* was not kept */ }
  }
  function kept() {
    try { return JSON.parse(localStorage.getItem(KEPT) || "null"); } catch { return null; }
  }

  function say(sentence) { if (status.textContent !== sentence) status.textContent = sentence; }

  /** Something went wrong: a sentence, and buttons or links that help. */
  function alarm(sentence, ...helps) {
    trouble.replaceChildren(...(sentence ? [document.createTextNode(sentence), document.createElement("br"), ...helps] : []));
  }

  function button(words, action) {
    const made = document.createElement("button");
    made.type = "button";
    made.className = "quiet";
    made.textContent = words;
    made.addEventListener("click", action);
    return made;
  }

  function link(words) {
    const made = document.createElement("a");
    made.href = location.pathname;
    made.target = "_blank";
    made.rel = "noopener";
    made.textContent = words;
    return made;
  }

  /** Saves; todo: what a pressed button asks for, "" when nothing was pressed. */
  async function send(todo = "") {
    window.clearTimeout(timer);
    if (conflict && !todo) return;
    if (sending) { if (todo) waiting.push(todo); else dirty = true; return; }
    sending = true;
    dirty = false;
    const at = document.activeElement;
    form.inert = Boolean(todo);  // the form comes anew: what would be typed meanwhile would be lost
    try {
      const answer = await post(form.dataset.save, { revision: Number(revision().value), fields: fields(), todo });
      if (answer.conflict) { clash(answer); return; }
      if (answer.go) { forget(); location.assign(answer.go); return; }
      failures = 0;
      alarm("");
      if (answer.html) {
        form.inert = false;
        form.innerHTML = answer.html;
        focus(answer.focus);
      } else {
        revision().value = answer.revision;
        form.querySelector("[name=truoc]").value = answer.marks;
        mark(answer);
      }
      if (dirty) keep(); else forget();
      say(todo && answer.note ? `${answer.note} Đã lưu lúc ${answer.saved}` : `Đã lưu lúc ${answer.saved}`);
      stale = true;
      refresh();
    } catch (error) {
      const wait = RETRY_MS[Math.min(failures, RETRY_MS.length - 1)];
      failures += 1;
      say("");
      alarm(`${error.message} Chữ bạn gõ được giữ trên máy này.${todo ? "" : " Trang tự thử lại."}`, button("Thử lại ngay", () => send()));
      dirty = true;
      keep();
      timer = window.setTimeout(send, wait);
    } finally {
      sending = false;
      if (form.inert) {
        form.inert = false;
        if (at?.isConnected) at.focus();
      }
      if (waiting.length) send(waiting.shift()); else if (dirty && !failures && !conflict) later();
    }
  }

  function later() {
    window.clearTimeout(timer);
    timer = window.setTimeout(send, QUIET_MS);
  }

  /** Somebody else has saved: nothing is written until this person has decided. */
  function clash(answer) {
    conflict = true;
    keep();
    say("");
    alarm(answer.error, link("Xem bản mới ở thẻ khác"), document.createElement("br"),
      button("Đặt chữ của tôi lên bản mới", () => { conflict = false; revision().value = answer.revision; send("save"); }),
      button("Bỏ chữ của tôi, mở bản mới", () => { forget(); location.reload(); }));
  }

  /** What is still missing, at the fields and on top; nothing that has the focus is touched. */
  function mark(answer) {
    document.getElementById("b-undo").disabled = !answer.undo;
    document.getElementById("b-redo").disabled = !answer.redo;
    const by = new Map();
    for (const one of answer.missing) by.set(one.anchor, [...(by.get(one.anchor) || []), one]);
    for (const place of form.querySelectorAll(".told")) {
      const anchor = place.id.slice(0, -"-loi".length), found = by.get(anchor) || [], at = document.getElementById(anchor);
      const wanted = found.map((one) => one.message).join("\n");
      if (wanted !== [...place.children].map((p) => p.textContent).join("\n")) {
        place.replaceChildren(...found.map((one) => {
          const p = document.createElement("p");
          p.textContent = one.message;
          p.classList.toggle("advice", !one.blocking);
          return p;
        }));
      }
      if (at && at.matches("input:not([type=checkbox]):not([type=radio]), textarea, select")) {
        if (found.length) at.setAttribute("aria-invalid", "true"); else at.removeAttribute("aria-invalid");
      }
    }
    for (const part of form.querySelectorAll(".part")) {
      const tag = part.querySelector("[data-left]"), count = answer.left[part.id] || 0;
      tag.textContent = count ? `Còn ${count} chỗ` : "Đủ";
      tag.classList.toggle("warn", count > 0);
      tag.classList.toggle("good", count === 0);
    }
    const blocking = answer.missing.filter((one) => one.blocking).length;
    form.querySelector("[data-count]").textContent = blocking ? `Còn ${blocking} chỗ cần làm ở trang này` : "Trang này đã đủ";
    form.querySelector("[data-elsewhere]").textContent = answer.elsewhere ? `Các trang khác của khoá còn ${answer.elsewhere} chỗ.` : "";
    const list = form.querySelector("#con-thieu ul");
    if (!list.contains(document.activeElement)) {
      list.replaceChildren(...answer.missing.map((one) => {
        const li = document.createElement("li"), a = document.createElement("a");
        a.href = `#${one.anchor}`;
        a.textContent = one.where;
        li.append(a, `: ${one.message}${one.blocking ? "" : " (nên làm)"}`);
        return li;
      }));
    }
  }

  // the preview is played anew only while it is in sight: below the form on a phone it would load after every pause for nothing
  let stale = false, inSight = false;
  function refresh() {
    if (!preview || !stale || !inSight) return;
    stale = false;
    try { preview.contentWindow.location.reload(); } catch { preview.src = preview.src; }
  }
  if (preview) {
    new IntersectionObserver((seen) => { inSight = seen.at(-1).isIntersecting; refresh(); }).observe(preview);
  }

  function focus(id) {
    let at = document.getElementById(id);
    if (at && at.disabled) at = at.closest(".tools, .bar")?.querySelector("button:not(:disabled)") || at;
    for (let around = at; around; around = around.parentElement?.closest("details")) if (around.localName === "details") around.open = true;
    at?.focus();
    at?.scrollIntoView({ block: "nearest" });
  }

  function count(area) {
    const words = area.value.split(/\s+/).filter(Boolean).length, most = Number(area.dataset.words);
    const said = document.getElementById(`${area.id}-dem`);
    said.textContent = `${words}/${most} chữ`;
    said.classList.toggle("over", words > most);
  }

  form.addEventListener("input", (event) => {
    if (event.target.dataset.words) count(event.target);
    const list = event.target.closest(".several");
    if (list) list.querySelector("[data-chosen]").textContent = list.querySelectorAll("input:checked").length;
    if (event.target.type === "file") return;
    dirty = true;
    say("Đang soạn…");
    keep();
    if (!conflict) later();
  });

  // a chosen picture goes up at once, by an ordinary post that comes back to its place
  form.addEventListener("change", (event) => {
    if (event.target.type === "file" && event.target.files.length) {
      const go = event.target.closest(".picture").querySelector("[data-upload]");
      forget();
      form.requestSubmit(go);
    }
  });

  form.addEventListener("submit", (event) => {
    if (event.defaultPrevented || [...form.querySelectorAll("input[type=file]")].some((one) => one.files.length)) return;
    event.preventDefault();
    send(event.submitter?.value || "save");
  });

  form.addEventListener("click", (event) => {
    const to = event.target.closest("a[href^='#']");
    if (to) {
      event.preventDefault();
      focus(to.hash.slice(1));
    }
  });

  // whoever leaves by a link within two seconds of typing takes nothing unsaved along
  document.addEventListener("click", async (event) => {
    const to = event.target.closest?.("a[href]");
    const elsewhere = to && !to.target && to.origin === location.origin && !to.getAttribute("href").startsWith("#");
    if (!elsewhere || event.ctrlKey || event.metaKey || event.shiftKey || failures || conflict || !(dirty || sending)) return;
    event.preventDefault();
    while (sending) await new Promise((done) => window.setTimeout(done, 50));
    if (dirty) await send();
    if (!failures && !conflict) location.assign(to.href);
  });

  window.addEventListener("online", () => { if (failures) send(); });
  window.addEventListener("beforeunload", (event) => { if (dirty && failures) event.preventDefault(); });
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden" && dirty && !sending && !conflict) send(); });

  /** Puts what was kept into the fields that are still there. */
  function restore(found) {
    for (const [name, values] of Object.entries(found.fields)) {
      for (const one of form.querySelectorAll(`[name="${CSS.escape(name)}"]`)) {
        if (one.type === "checkbox" || one.type === "radio") one.checked = values.includes(one.value);
        else if (one.type !== "file") one.value = values[0];
        if (one.dataset.words) count(one);
      }
    }
    for (const one of form.querySelectorAll("input[type=checkbox]")) if (!(one.name in found.fields)) one.checked = false;
    dirty = true;
    send();
  }

  const found = kept();
  const typed = (given) => JSON.stringify({ ...given, truoc: "" });
  if (found && typed(found.fields) !== typed(fields())) {
    alarm("Trên máy này còn chữ chưa lưu được từ lần trước.", button("Lấy lại chữ ấy", () => { alarm(""); restore(found); }),
      button("Bỏ chữ ấy", () => { forget(); alarm(""); }));
  } else {
    forget();
  }
  for (const area of form.querySelectorAll("[data-words]")) count(area);
  if (location.hash) focus(decodeURIComponent(location.hash.slice(1)));
})();
