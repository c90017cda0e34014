// The studio's preview: moves without loading the page anew. Where the lesson stood is kept in this tab, so that the frame
// beside the lesson form comes back to the same place after each save.

import { attempt, textWithLinks } from "./message.js";

const place = () => `xem-thu:${location.pathname}:${document.querySelector("#choi [name=bai]").value}`;
const kept = () => attempt(() => sessionStorage.getItem(place())) || "[]";
const keep = (moves) => attempt(() => sessionStorage.setItem(place(), moves));

/** The web chat makes addresses into links. */
function linkWords() {
  document.querySelectorAll(".on-web .text:not([data-linked])").forEach((block) => {
    const made = textWithLinks(block.textContent);
    made.dataset.linked = "";
    block.replaceWith(made);
  });
}

/** Posts the form and puts the answer's talk in the place of this one; gives false when the answer is another page. */
async function play(fields) {
  const answer = await fetch(document.getElementById("choi").action.split("#")[0], { method: "POST", body: fields });
  const made = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("thu");
  if (!answer.ok || !made) return false;
  document.getElementById("thu").replaceWith(made);
  document.getElementById("loi").textContent = "";
  keep(document.querySelector("#choi [name=moves]").value);
  linkWords();
  return true;
}

/** Scrolls this frame only: scrollIntoView would move the page around it as well, under whoever is writing there. */
function bring(newest) {
  const { top, bottom } = newest.getBoundingClientRect();
  window.scrollBy(0, top < 0 ? top : Math.max(0, Math.min(top, bottom - window.innerHeight)));
}

/** What has come, read out and brought into sight; whoever typed goes on typing. */
function showNewest(typing) {
  const newest = document.getElementById("moi");
  bring(newest);
  if (typing) {
    document.getElementById("chu").focus({ preventScroll: true });
    document.getElementById("doc").textContent = newest.innerText;
  } else {
    newest.focus({ preventScroll: true });
  }
}

document.addEventListener("submit", async (event) => {
  if (event.target.id !== "choi") return;
  event.preventDefault();
  const fields = new URLSearchParams(new FormData(event.target, event.submitter));
  const pressed = event.submitter?.name === "button";
  if (pressed) fields.delete("text");
  const done = await play(fields).catch(() => null);
  if (done) showNewest(!pressed);
  else if (done === null) document.getElementById("loi").textContent = "Không có mạng nên chưa gửi được. Hãy bấm lại.";
  else location.reload();
});

document.addEventListener("click", (event) => {
  if (event.target.closest?.(".again")) keep("[]");
});

// An address without a channel (the frame beside the form) means the one that was looked at last.
const CHANNEL = "xem-thu:kenh";
const asked = new URLSearchParams(location.search);
const here = document.querySelector("#choi [name=kenh]")?.value;
const before = attempt(() => sessionStorage.getItem(CHANNEL));
if (here && !asked.has("kenh") && before && before !== here) {
  asked.set("kenh", before);
  location.replace(`${location.pathname}?${asked}`);
} else if (here && asked.has("kenh")) {
  attempt(() => sessionStorage.setItem(CHANNEL, here));
}

linkWords();
const form = document.getElementById("choi");
if (form && form.elements.moves.value === "[]" && kept() !== "[]") {
  const fields = new URLSearchParams(new FormData(form));
  fields.set("moves", kept());
  fields.delete("text");
  play(fields).then((done) => done && bring(document.getElementById("moi"))).catch(() => {});
}
