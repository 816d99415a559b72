// Runs before the first paint, so that a dark page never flashes white.
(() => {
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const stored = () => {
    try {
      return localStorage.getItem("theme") || "system";
    } catch {
      return "system"; // storage may be forbidden; then the system decides
    }
  };
  const apply = (choice) => {
    const isDark = choice === "dark" || (choice === "system" && dark.matches);
    root.dataset.themeChoice = choice;
    root.dataset.bsTheme = isDark ? "dark" : "light";
    root.dispatchEvent(new CustomEvent("themechange"));
  };
  const choose = (choice) => {
    try {
      localStorage.setItem("theme", choice);
    } catch {
      root.dataset.themeStored = "no"; // the choice holds for this page only
    }
    apply(choice);
  };
  root.classList.add("js");
  apply(stored());
  dark.addEventListener("change", () => apply(root.dataset.themeChoice));
  window.sopcycleTheme = { choose };
})();
