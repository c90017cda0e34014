// While a report is being made, looks every few seconds whether it is there, and says so.
"use strict";

(() => {
  const EVERY = 5000;
  const MOST = 60;
  const waits = (section) => section.dataset.waiting === "true";
  let looks = 0;

  async function look() {
    const old = document.getElementById("cac-bao-cao");
    if (!waits(old) || (looks += 1) > MOST) return;
    if (!document.hidden) {
      try {
        const answer = await fetch("/admin/bao-cao", { headers: { "X-CSRF-Token": document.body.dataset.csrf || "" } });
        const made = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("cac-bao-cao");
        if (answer.ok && made && made.innerHTML !== old.innerHTML && !old.contains(document.activeElement)) {
          old.replaceWith(document.adoptNode(made));
          if (!waits(made)) document.getElementById("bao").textContent = "Báo cáo đã lập xong.";
        }
      } catch {
        // the network is away for a moment; the next look tries again
      }
    }
    window.setTimeout(look, EVERY);
  }

  window.setTimeout(look, EVERY);
})();
