// The button in the top bar: system → light → dark → system.
const order = ["system", "light", "dark"];
const words = { system: "as the system", light: "light", dark: "dark" };
const root = document.documentElement;

for (const button of document.querySelectorAll("[data-theme-switch]")) {
  const name = () => {
    const text = `Colours: ${words[root.dataset.themeChoice]}`;
    button.setAttribute("aria-label", text);
    button.title = text;
  };
  button.addEventListener("click", () => {
    const next = order[(order.indexOf(root.dataset.themeChoice) + 1) % order.length];
    window.sopcycleTheme.choose(next);
    name();
  });
  name();
}
