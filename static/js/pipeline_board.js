// Dragging a card of the board to another stage presses the button of its own menu.
import { whenPresent } from "./ready.js";

whenPresent("[data-board]", (board) => {
  let dragged = null;
  board.querySelectorAll("[data-card]:has([data-move])").forEach((card) => {
    card.draggable = true;
    card.addEventListener("dragstart", (event) => {
      dragged = card;
      card.classList.add("board-dragged");
      event.dataTransfer.effectAllowed = "move";
    });
    card.addEventListener("dragend", () => {
      dragged = null;
      card.classList.remove("board-dragged");
    });
  });
  board.querySelectorAll("[data-stage]").forEach((column) => {
    const button = () => dragged?.querySelector(`[data-move] button[value="${CSS.escape(column.dataset.stage)}"]`);
    column.addEventListener("dragover", (event) => {
      if (!button()) return;
      event.preventDefault();
      column.classList.add("board-over");
    });
    column.addEventListener("dragleave", () => column.classList.remove("board-over"));
    column.addEventListener("drop", (event) => {
      const pressed = button();
      column.classList.remove("board-over");
      if (!pressed) return;
      event.preventDefault();
      pressed.form.requestSubmit(pressed);
    });
  });
});
