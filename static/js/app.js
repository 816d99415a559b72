// Loaded on every page. Each module looks for what it needs and does nothing where that is absent.
import "./csrf.js";
import "./theme_switch.js";
import "./menus.js";
import "./panel.js";
import "./shortcuts.js";
import "./tables.js";
import "./upload.js";
import "./charts.js";
import "./grid.js";
