// Asks every few seconds what is new: new lines are added below, parts that differ are replaced, and only turns are said aloud.
"use strict";

(() => {
  const box = document.getElementById("song");
  if (!box || !box.dataset.from) return;
  const said = document.getElementById("bao");
  const how = document.getElementById("tu-lam-moi");
  // nobody counts as present because a screen was left open
  const IDLE = 30 * 60 * 1000;
  let touched = Date.now();
  let failed = false;
  let sleeping = false;
  const title = document.title;

  const tell = (words) => { said.textContent = words; };

  /** Puts a changed part in place of the old; leaves one alone in which somebody is about to press something. */
  function put(section) {
    const old = box.querySelector(`[data-part="${section.dataset.part}"]`);
    if (!old || old.innerHTML === section.innerHTML || old.contains(document.activeElement)) return;
    if (old.dataset.say !== section.dataset.say && section.dataset.say) tell(section.dataset.say);
    old.replaceWith(section);
  }

  function count() {
    const waiting = box.querySelector("[data-count]");
    if (waiting) document.title = Number(waiting.dataset.count) ? `(${waiting.dataset.count}) ${title}` : title;
  }

  async function look() {
    if (Date.now() - touched > IDLE) {
      sleeping = true;
      tell("Đã dừng tự làm mới vì lâu không ai dùng trang. Bấm phím bất kỳ để chạy tiếp.");
      return;
    }
    let page;
    try {
      const answer = await fetch(box.dataset.from);
      if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
      page = new DOMParser().parseFromString(await answer.text(), "text/html");
    } catch {
      if (!failed) tell("Không hỏi được máy chủ; sẽ thử lại.");
      failed = true;
      return;
    }
    if (failed) tell("Máy chủ đã trả lời lại.");
    failed = false;
    page.querySelectorAll("[data-part]").forEach((section) => put(document.adoptNode(section)));
    const log = box.querySelector("[role=log]");
    page.querySelectorAll("[data-line]").forEach((line) => {
      if (log && !log.querySelector(`[data-line="${line.dataset.line}"]`)) {
        log.firstElementChild.append(document.adoptNode(line));
        log.scrollTop = log.scrollHeight;
      }
    });
    count();
    window.dispatchEvent(new Event("resize")); // staff.js looks anew which tables can be scrolled
  }

  for (const kind of ["keydown", "pointerdown"]) {
    document.addEventListener(kind, () => {
      touched = Date.now();
      if (sleeping) {
        sleeping = false;
        tell("");
        look();
      }
    });
  }
  const log = box.querySelector("[role=log]");
  if (log) log.scrollTop = log.scrollHeight;
  if (how) how.textContent = `Tự làm mới mỗi ${box.dataset.every} giây.`;
  count();
  window.setInterval(look, Number(box.dataset.every) * 1000);
})();
