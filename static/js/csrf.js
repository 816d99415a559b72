// htmx sends Django's token; a request that failed says so instead of failing in silence.
import { announce } from "./ready.js";

const token = document.querySelector('meta[name="csrf-token"]')?.content;

document.addEventListener("htmx:configRequest", (event) => {
  if (event.detail.verb !== "get" && token) event.detail.headers["X-CSRFToken"] = token;
});

const say = (text) => {
  announce(text);
  const notice = document.createElement("div");
  notice.className = "notice notice-error";
  notice.append(Object.assign(document.createElement("p"), { textContent: text }));
  document.getElementById("messages")?.replaceChildren(notice);
};

document.addEventListener("htmx:responseError", (event) => {
  say(`The server answered ${event.detail.xhr.status}. Nothing was changed; reload the page and try again.`);
});
document.addEventListener("htmx:sendError", () => {
  say("The server did not answer. Check the connection and try again.");
});
