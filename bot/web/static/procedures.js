// The form of a procedure: more rows in its lists, and a warning before what was typed is left unsaved.
"use strict";

for (const list of document.querySelectorAll("[data-rows]")) {
  const add = list.querySelector("[data-add]");
  add.hidden = false;
  add.addEventListener("click", () => {
    const rows = list.querySelectorAll(".row");
    const row = rows[rows.length - 1].cloneNode(true);
    const number = rows.length + 1;
    row.setAttribute("aria-label", row.getAttribute("aria-label").replace(/\d+$/, number));
    for (const label of row.querySelectorAll("label")) label.htmlFor = label.htmlFor.replace(/-\d+-/, `-${number}-`);
    for (const input of row.querySelectorAll("input, select, textarea")) {
      input.id = input.id.replace(/-\d+-/, `-${number}-`);
      if (input.tagName === "SELECT") input.selectedIndex = 0;
      else input.value = "";
    }
    add.before(row);
    row.querySelector("input, select, textarea").focus();
  });
}

const form = document.getElementById("text");
if (form) {
  let typed = false;
  form.addEventListener("input", () => { typed = true; });
  document.addEventListener("submit", (event) => { if (event.target === form) typed = false; });
  window.addEventListener("beforeunload", (event) => { if (typed) event.preventDefault(); });
}
