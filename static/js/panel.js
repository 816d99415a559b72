// The side panel: htmx fills it, we move the focus in, Esc or its button empties it and gives the focus back.
const panel = document.getElementById("panel");
let opener = null;

function close() {
  panel.replaceChildren();
  opener?.focus();
  opener = null;
}

if (panel) {
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.target === panel && event.detail.elt.hasAttribute("data-opens-panel")) opener = event.detail.elt;
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target !== panel || !opener) return;
    panel.tabIndex = -1;
    panel.focus();
  });
  panel.addEventListener("click", (event) => {
    if (event.target.closest("[data-close-panel]")) close();
  });
  document.addEventListener("keydown", (event) => {
    const busy = document.querySelector("dialog[open]") || event.defaultPrevented;
    if (event.key === "Escape" && panel.childElementCount && !busy) close();
  });
}
