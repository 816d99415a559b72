// A chosen point of a scenario's map opens its account in the side panel.
document.addEventListener("map:choose", (event) => {
  const { accountPanel, query } = event.target.dataset;
  if (!accountPanel) return;
  event.preventDefault();
  const page = accountPanel.replace("/accounts/0/", `/accounts/${event.detail.account}/`);
  const address = query ? `${page}?${new URLSearchParams({ from: query })}` : page;
  if (window.htmx) window.htmx.ajax("GET", address, { source: event.target, target: "#panel", swap: "innerHTML" });
  else window.location.assign(address);
});
