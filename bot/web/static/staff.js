// What every page of staff shares: asking again before a step that cannot be taken back, and requests with the form token.
"use strict";

/** POSTs JSON with the page's form token; gives the parsed answer. Rejects with a sentence for people. */
async function post(address, body) {
  let answer;
  try {
    answer = await fetch(address, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRF-Token": document.body.dataset.csrf || "" },
      body: JSON.stringify(body),
    });
  } catch {
    throw new Error("Không có mạng. Việc vừa làm chưa được lưu.");
  }
  const data = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(data.error || "Máy chủ không trả lời được. Hãy thử lại.");
  return data;
}

document.addEventListener("submit", (event) => {
  const question = event.submitter?.dataset.confirm || event.target.dataset.confirm;
  if (question && !window.confirm(question)) event.preventDefault();
});

/** A table that is wider than the screen can be scrolled by keyboard, too; its name is the heading above it. */
function reachable(box) {
  if (box.scrollWidth <= box.clientWidth) return;
  let heading = box.previousElementSibling;
  while (heading && !/^H[1-6]$/.test(heading.tagName)) heading = heading.previousElementSibling;
  box.tabIndex = 0;
  box.setAttribute("role", "region");
  box.setAttribute("aria-label", (box.querySelector("caption") || heading || document.querySelector("h1")).textContent.trim());
}
const measure = () => document.querySelectorAll(".wide").forEach(reachable);
document.addEventListener("DOMContentLoaded", measure);
document.addEventListener("toggle", measure, true);
window.addEventListener("resize", measure);

// On a phone the menu would fill the screen: it is folded there, and open where there is room or no script.
const narrow = window.matchMedia("(max-width: 47.99rem)");
const fold = () => document.querySelectorAll("details.folding").forEach((menu) => { menu.open = !narrow.matches; });
document.addEventListener("DOMContentLoaded", fold);
narrow.addEventListener("change", fold);
