"""The clicks and looks of territories, realignments and quotas that several stories share."""

from playwright.sync_api import Locator, Page, expect

COLOURS = """canvas => {
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  return new Set(new Uint32Array(data.buffer)).size;
}"""
DRAWN = 12  # an empty chart is one colour; the soft edges of a single line are already more than these
SPOT = """(canvas, wanted) => {
  const { width, height } = canvas;
  const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
  let [across, down, count] = [0, 0, 0];
  for (let at = 0; at < data.length; at += 4) {
    if (wanted.some((part, place) => Math.abs(data[at + place] - part) > 30)) continue;
    across += (at / 4) % width;
    down += Math.floor(at / 4 / width);
    count += 1;
  }
  const scale = width / canvas.clientWidth;
  return count ? { x: across / count / scale, y: down / count / scale } : null;
}"""
SWATCH = "key => getComputedStyle(key).backgroundColor.match(/\\d+/g).slice(0, 3).map(Number)"


def names(page: Page) -> set[str]:
    """What stands in the first column of the page's list."""
    return set(page.locator("#list .data-table").first.locator("tbody tr > :first-child").all_inner_texts())


def gaps(page: Page) -> set[str]:
    """The accounts without a territory, as the list shows them."""
    page.goto("/territories/gaps/")
    expect(page.get_by_role("heading", level=1, name="Gaps")).to_be_visible()
    return names(page)


def fact(page: Page, label: str) -> Locator:
    """A value among the facts on top of a page."""
    return page.locator(".facts > div", has=page.locator("dt", has_text=label)).locator("dd")


def press(page: Page, button: str) -> None:
    page.get_by_role("button", name=button, exact=True).click()


def colours(page: Page, chart: str) -> int:
    """How many colours a drawing shows, once it is there."""
    expect(page.locator(f"{chart} canvas").first).to_be_visible()
    return shades(page.locator(chart).first)


def shades(chart: Locator) -> int:
    """How many colours the canvas of a chart shows."""
    return int(chart.locator("canvas").first.evaluate(COLOURS))


def press_point(page: Page, whose: str) -> None:
    """A click of the mouse in the middle of what the map draws in this territory's colour of the legend."""
    key = page.locator(".map-keys li", has_text=whose).locator(".map-key")
    canvas = page.locator("[data-map] canvas").first
    expect(canvas).to_be_visible()
    spot = canvas.evaluate(SPOT, key.evaluate(SWATCH))
    assert spot is not None, f"nothing on the map has the colour of {whose}"
    canvas.click(position=spot)
