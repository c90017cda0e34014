// On a slow line the composer stands there, ready to be typed in, before chat.js has come. What is sent by then would be lost:
// the form would send itself and the page start afresh. It waits here, and chat.js sends it when it is there.

window.sentEarly = false;

(() => {
  const wait = (event) => {
    if (window.sentEarly === undefined) return; // chat.js is there
    event.preventDefault();
    window.sentEarly = true;
  };
  document.addEventListener("submit", wait);
  document.addEventListener("keydown", (event) => {
    if (event.target.id === "input" && event.key === "Enter" && !event.shiftKey && !event.isComposing && event.keyCode !== 229) wait(event);
  });
})();
