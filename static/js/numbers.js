// Numbers written as the server writes them (core/formats.py): thin spaces between thousands, a real minus.
const exact = new Intl.NumberFormat("en-GB", { maximumFractionDigits: 2 });
const compact = new Intl.NumberFormat("en-GB", { notation: "compact", maximumFractionDigits: 1 });

const ours = (text) => text.replaceAll(",", "\u202f").replace("-", "\u2212");

export const show = (value) => ours(exact.format(value));
/** Only for axes: 1.2k, 3.4M. */
export const short = (value) => ours(compact.format(value)).replace("K", "k");
