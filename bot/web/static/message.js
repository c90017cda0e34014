// How the web chat shows the words of a message; the studio's preview shows them the same way.

export function attempt(work) {
  try { return work(); } catch { return undefined; }
}

export function make(tag, className, text) {
  const element = document.createElement(tag);
  if (tag === "button") element.type = "button";
  if (className) element.className = className;
  if (text !== undefined) element.textContent = text;
  return element;
}

export const isHttp = (address) => /^https?:/.test(attempt(() => new URL(address, location.href).protocol));

// Built from text nodes only: nothing a message contains can become markup.
export function textWithLinks(text) {
  const block = make("div", "text");
  let end = 0;
  for (const match of text.matchAll(/https?:\/\/[^\s<>"“”]+/gi)) {
    const address = match[0].replace(/[.,;:!?…'’)\]}]+$/, "");
    if (!isHttp(address)) continue;
    const link = make("a", "", address);
    Object.assign(link, { href: address, target: "_blank", rel: "noopener" });
    link.setAttribute("aria-describedby", "new-tab");
    block.append(text.slice(end, match.index), link);
    end = match.index + address.length;
  }
  block.append(text.slice(end));
  return block;
}
