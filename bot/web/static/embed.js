// Opens the chat in a corner of a portal's page. One line there is enough:
//   <script src="https://our-host/embed.js" async></script>
// Options: data-side="left", data-khoa="<course>", data-xa="<commune code>". The portal's policy has to allow our host in
// script-src and frame-src, nothing else: styles are set on the elements, which no policy forbids, and live in a shadow
// root, so neither page changes the other's looks.

(() => {
  const script = document.currentScript;
  const NAME = "tro-ly-cong-dan-so";
  if (!script || document.querySelector(`[data-${NAME}]`)) return;
  const home = new URL(script.src).origin;
  const { side, khoa, xa } = script.dataset;
  const edge = side === "left" ? "left" : "right";
  const address = new URL("/", home);
  if (khoa) address.searchParams.set("khoa", khoa);
  else if (xa) address.searchParams.set("xa", xa);

  function make(tag, style, attributes) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) element.setAttribute(name, value);
    Object.assign(element.style, style);
    return element;
  }

  const round = {
    font: "600 18px/1.3 system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif", minHeight: "48px", padding: "10px 18px",
    color: "#fff", background: "#0b5443", border: "2px solid #fff", borderRadius: "24px", cursor: "pointer",
    boxShadow: "0 2px 10px rgb(0 0 0 / 35%)", boxSizing: "border-box", maxWidth: "calc(100vw - 24px)",
  };
  // The host itself stands among the portal's elements: a name of its own, and nothing of the portal's style on it.
  const host = make(NAME, {}, { [`data-${NAME}`]: "", lang: "vi" });
  for (const [name, value] of [["all", "initial"], ["display", "block"], ["position", "fixed"], ["z-index", "2147483000"], ["bottom", "12px"], [edge, "12px"]]) {
    host.style.setProperty(name, value, "important");
  }
  const root = host.attachShadow({ mode: "open" });
  const opener = make("button", round, { type: "button", "aria-expanded": "false", "aria-haspopup": "dialog" });
  opener.textContent = "Hỏi Trợ lý Công dân số";
  const panel = make("div", {
    position: "fixed", display: "none", flexDirection: "column", background: "#0b5443", overflow: "hidden", boxSizing: "border-box",
  }, { role: "dialog", "aria-label": "Trợ lý Công dân số" });
  const closer = make("button", { ...round, border: "0", borderRadius: "0", boxShadow: "none", width: "100%", maxWidth: "none" }, { type: "button" });
  closer.textContent = "✕ Đóng";
  closer.setAttribute("aria-label", "Đóng khung chat");
  panel.append(closer);
  root.append(opener, panel);

  for (const button of [opener, closer]) {
    button.addEventListener("focus", () => {
      const isKeyboard = button.matches(":focus-visible");
      Object.assign(button.style, isKeyboard ? { outline: "3px solid #ffd75e", outlineOffset: button === closer ? "-5px" : "2px" } : { outline: "" });
    });
    button.addEventListener("blur", () => { button.style.outline = ""; });
  }

  // Small screens get all of it, others a corner.
  const small = window.matchMedia("(max-width: 479px), (max-height: 479px)");
  function fit() {
    const place = small.matches
      ? { inset: "0", width: "100%", height: "100%", maxHeight: "none", border: "0", borderRadius: "0" }
      : { inset: "auto", bottom: "12px", [edge]: "12px", width: "400px", height: "640px", maxHeight: "calc(100vh - 24px)",
        border: "2px solid #0b5443", borderRadius: "12px" };
    Object.assign(panel.style, place);
  }
  small.addEventListener("change", fit);
  fit();

  let frame = null;
  function open() {
    if (!frame) { // only now does anything of the chat load
      frame = make("iframe", { flex: "1 1 auto", width: "100%", minHeight: "0", border: "0", background: "#f7f4ed" }, {
        title: "Trợ lý Công dân số", src: address.href, referrerpolicy: "no-referrer",
        // our own origin, which the portal's is not: without it the chat could keep nothing on this device
        sandbox: "allow-scripts allow-same-origin allow-forms allow-popups allow-popups-to-escape-sandbox",
      });
      panel.append(frame);
    }
    panel.style.display = "flex";
    opener.style.display = "none";
    opener.setAttribute("aria-expanded", "true");
    closer.focus({ preventScroll: true });
  }
  function close() {
    if (panel.style.display === "none") return;
    panel.style.display = "none";
    opener.style.display = "";
    opener.setAttribute("aria-expanded", "false");
    opener.focus({ preventScroll: true });
  }
  opener.addEventListener("click", open);
  closer.addEventListener("click", close);
  panel.addEventListener("keydown", (event) => { if (event.key === "Escape") close(); });
  window.addEventListener("message", (event) => {
    if (event.origin === home && frame && event.source === frame.contentWindow && event.data === `${NAME}:close`) close();
  });
  for (const [happening, shown] of [["beforeprint", "hidden"], ["afterprint", "visible"]]) {
    window.addEventListener(happening, () => host.style.setProperty("visibility", shown, "important"));
  }

  const attach = () => document.body.append(host);
  if (document.body) attach();
  else document.addEventListener("DOMContentLoaded", attach);
})();
