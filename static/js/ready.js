// Calls `set` with every element that matches, now and whenever htmx brings in new ones.
export function whenPresent(selector, set) {
  const find = (root) => {
    if (root.matches?.(selector)) set(root);
    root.querySelectorAll(selector).forEach(set);
  };
  find(document);
  document.addEventListener("htmx:load", (event) => {
    if (event.detail.elt !== document.body) find(event.detail.elt);
  });
}

export function announce(text) {
  const place = document.getElementById("announce");
  if (place) place.textContent = text;
}

/** What the server wrote with Django's json_script. */
export function readJson(id) {
  return JSON.parse(document.getElementById(id).textContent);
}

export function download(name, href) {
  const link = document.createElement("a");
  link.href = href;
  link.download = name;
  link.click();
}
