// The icons that pages may use: our name, and Tabler's name where it differs.
// After adding one: npm run build.
export const icons = {
  // what the tones and messages of Django show
  success: "circle-check",
  info: "info-circle",
  warning: "alert-triangle",
  error: "alert-octagon",
  debug: "bug",
  // places
  home: "home",
  cycle: "refresh",
  forecasts: "chart-line",
  pipeline: "filter-dollar",
  territories: "map-2",
  pay: "coins",
  people: "users",
  performance: "gauge",
  data: "database",
  catalog: "packages",
  settings: "settings",
  // the rest, under Tabler's own names
  ...Object.fromEntries(
    `alert-triangle adjustments api arrow-back-up arrow-down arrow-left arrow-right arrow-up at ban bell book box
    briefcase building building-factory-2 building-warehouse calendar calendar-event cash chart-bar chart-dots chart-histogram chart-line check
    checklist chevron-down chevron-left chevron-right circle-check circle-x clipboard-check clock columns copy currency-euro
    database device-desktop dots download edit exchange external-link eye file file-import file-spreadsheet
    file-text filter flag gauge git-compare help history home inbox info-circle key layout-grid link list list-check lock login
    logout mail map-2 map-pin menu-2 message message-2 moon package packages paperclip plug player-pause player-play plus
    presentation printer progress refresh report report-money robot route scale school search send settings shield shield-check
    shield-lock shopping-cart sitemap sort-ascending speakerphone stack-2 star subtask sun table tag target target-arrow tool trash
    trending-down trending-up truck upload user user-check user-plus users users-group wallet webhook world x`
      .split(/\s+/)
      .map((name) => [name, name]),
  ),
};
