// A plain file input becomes a place to drop a file on, and says what was chosen and how big it is.
import { whenPresent } from "./ready.js";

const size = (bytes) => {
  const step = bytes < 1024 ? 0 : bytes < 1024 ** 2 ? 1 : bytes < 1024 ** 3 ? 2 : 3;
  return `${(bytes / 1024 ** step).toFixed(step ? 1 : 0)} ${["bytes", "KB", "MB", "GB"][step]}`;
};

whenPresent("[data-upload]", (zone) => {
  const input = zone.querySelector("input[type=file]");
  const chosen = zone.querySelector(".upload-chosen");
  const tell = () => {
    chosen.textContent = [...input.files].map((file) => `${file.name}, ${size(file.size)}`).join("; ");
  };
  const over = (event) => {
    event.preventDefault();
    zone.classList.toggle("over", event.type === "dragover");
  };
  zone.addEventListener("dragover", over);
  zone.addEventListener("dragleave", over);
  zone.addEventListener("drop", (event) => {
    over(event);
    if (!event.dataTransfer.files.length) return;
    input.files = event.dataTransfer.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });
  input.addEventListener("change", tell);
});
