// The chart colours, read from static/css/tokens.css: the same measure has the same colour on every page.
const value = (style, name) => style.getPropertyValue(`--${name}`).trim();

export function palette() {
  const style = getComputedStyle(document.documentElement);
  return {
    of: (role) => value(style, `chart-${role}`) || value(style, "chart-history"),
    ink: value(style, "chart-ink"),
    strong: value(style, "ink"),
    grid: value(style, "chart-grid"),
    surface: value(style, "raised"),
    line: value(style, "line-strong"),
    font: getComputedStyle(document.body).fontFamily,
  };
}

/** How a line of this role is drawn: never told apart by colour alone. */
export const strokes = {
  history: { width: 2, type: "solid" },
  statistical: { width: 2, type: "solid" },
  consensus: { width: 3, type: "solid" },
  supply: { width: 2, type: [8, 3] },
  budget: { width: 2, type: "dotted" },
  last: { width: 1.5, type: "dashed" },
};
