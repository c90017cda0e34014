// Fetches the state anew every few seconds and changes only the sections that differ. Says aloud only when something turned well or bad.
"use strict";

(() => {
  const box = document.getElementById("tinh-hinh");
  const said = document.getElementById("bao");
  const how = document.getElementById("tu-lam-moi");
  const every = Number(box.dataset.every) * 1000;
  // nobody stays signed in because a screen was left open
  const IDLE = 30 * 60 * 1000;
  let touched = Date.now();
  let failed = false;

  const states = (root) => new Map([...root.querySelectorAll("[data-check]")].map((one) => [one.dataset.check, one.textContent]));

  /** Puts the new section in place of the old; leaves one alone in which somebody is about to press something. */
  function put(section) {
    const old = box.querySelector(`[data-part="${section.dataset.part}"]`);
    if (!old || old.innerHTML === section.innerHTML || old.contains(document.activeElement)) return;
    old.replaceWith(section);
  }

  async function look() {
    if (document.hidden) return;
    if (Date.now() - touched > IDLE) {
      how.textContent = "Đã dừng tự làm mới vì lâu không ai dùng trang. Bấm phím bất kỳ để chạy tiếp.";
      return;
    }
    let page;
    try {
      const answer = await fetch("/admin/van-hanh/tinh-hinh", { headers: { "X-CSRF-Token": document.body.dataset.csrf || "" } });
      if (!answer.ok) throw new Error(String(answer.status));
      page = new DOMParser().parseFromString(await answer.text(), "text/html");
    } catch {
      how.textContent = "Không hỏi được máy chủ; sẽ thử lại.";
      if (!failed) said.textContent = "Không hỏi được máy chủ.";
      failed = true;
      return;
    }
    const before = states(box), now = states(page);
    page.querySelectorAll("[data-part]").forEach((section) => put(document.adoptNode(section)));
    window.dispatchEvent(new Event("resize")); // staff.js looks anew which tables can be scrolled
    const changed = [...now].filter(([title, words]) => before.get(title) !== words).map(([title, words]) => `${title}: ${words}.`);
    if (changed.length) said.textContent = changed.join(" ");
    else if (failed) said.textContent = "Máy chủ đã trả lời lại.";
    failed = false;
    document.getElementById("luc").textContent = new Intl.DateTimeFormat("vi-VN", {
      timeZone: "Asia/Ho_Chi_Minh", hour: "2-digit", minute: "2-digit", second: "2-digit", day: "2-digit", month: "2-digit", year: "numeric" }).format(new Date());
    how.textContent = `Tự làm mới mỗi ${box.dataset.every} giây.`;
  }

  for (const kind of ["keydown", "pointerdown"]) {
    document.addEventListener(kind, () => {
      const slept = Date.now() - touched > IDLE;
      touched = Date.now();
      if (slept) look();
    });
  }
  document.addEventListener("visibilitychange", look);
  how.textContent = `Tự làm mới mỗi ${box.dataset.every} giây.`;
  window.setInterval(look, every);
})();
