// Alpine without eval, for the few pages that keep state of their own: they load vendor/alpine.min.js
// in their `scripts` block, after a module of static/js/ that registers its components on `alpine:init`.
import Alpine from "@alpinejs/csp";

window.Alpine = Alpine;
Alpine.start();
