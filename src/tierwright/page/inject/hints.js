// What people call an element that has no name of its own: the text before a field, the head of a column, the words of an icon.
const CAPTIONED = words("textbox searchbox combobox spinbutton slider listbox checkbox radio switch progressbar meter");
const TICKED = words("checkbox radio switch");
const HOLDERS =
  "input:not([type=hidden]), textarea, select, button, [contenteditable], [role=textbox], [role=combobox], [role=checkbox], " +
  "[role=radio], [role=switch], [role=slider], [role=spinbutton], [role=button]";
const CAPTION_ENDS = "body, form, fieldset, table, dialog, section, article, nav, main";
const CAPTION_LIMIT = 60;
const CLIMBED = 4;
const LOOKED_AT = 8;

function captionsOf(el, tag, role) {
  const found = CAPTIONED.has(role) && !isNamed(el) && !el.labels?.length ? [captionOf(el, role)] : [];
  const cell = tag === "td" ? el : found.length ? closestTo(el, "td") : null;
  if (cell) found.push(columnHead(cell));
  return found.filter(Boolean);
}

function captionOf(el, role) {
  return (TICKED.has(role) && saidBehind(el)) || saidBefore(el) || untiedLabelBehind(el);
}

// The nearest text before an element, or before what holds nothing else; none where another control comes first.
function saidBefore(el) {
  for (let at = el, up = 0; at && up < CLIMBED && !matches(at, CAPTION_ENDS); at = parentElement(at), up++) {
    for (let node = previousNode(at), steps = 0; node && steps < LOOKED_AT; node = previousNode(node), steps++) {
      if (holdsControl(node)) return "";
      const said = besideNode(node);
      if (said) return said.length <= CAPTION_LIMIT ? said : "";
    }
  }
  return "";
}

// The text behind a box to tick, where it is texts and not boxes that end the line: `[ ] Red [ ] Blue`, not `Red [ ] Blue [ ]`.
function saidBehind(el) {
  for (let at = el, up = 0; at && up < CLIMBED && !matches(at, CAPTION_ENDS); at = parentElement(at), up++) {
    const said = [];
    for (let node = nextSibling(at); node && said.length < LOOKED_AT; node = nextSibling(node)) {
      said.push(holdsControl(node) ? null : besideNode(node));
    }
    const spoken = said.filter((text) => text !== "");
    if (spoken.length) return spoken[0] && spoken.at(-1) && spoken[0].length <= CAPTION_LIMIT ? spoken[0] : "";
    if (previousNode(at) && saidBefore(at)) return "";
  }
  return "";
}

// A label that the style sheet puts above its field, or into it, stands behind it in the document.
function untiedLabelBehind(el) {
  const next = nextElement(el);
  return next && tagOf(next) === "label" && !attr(next, "for") && !holdsControl(next) ? besideNode(next) : "";
}

const holdsControl = (node) => nodeType(node) === ELEMENT && (matches(node, HOLDERS) || allIn(node, HOLDERS).length > 0);

// What the head of its column says of a table's cell.
function columnHead(cell) {
  const table = closestTo(cell, "table");
  if (!table) return "";
  return (noteOf(table).heads ??= headsOf(table))[columnOf(cell)] || "";
}

function headsOf(table) {
  const row = allIn(table, "tr")[0];
  const heads = [];
  for (let cell = row && firstElement(row); cell; cell = nextElement(cell)) {
    const said = tagOf(cell) === "th" ? clean(textOf(cell), CAPTION_LIMIT) : "";
    for (let span = spanOf(cell); span > 0; span--) heads.push(said);
  }
  return heads;
}

function columnOf(cell) {
  let column = 0;
  for (let at = previousElement(cell); at; at = previousElement(at)) column += spanOf(at);
  return column;
}

const spanOf = (cell) => Math.min(Number(attr(cell, "colspan")) || 1, 50);

// Words about something without text that one clicks on: ids, classes and data of what it is drawn with, names of pictures.
const TELLING_DATA = /^data-(?:[\w]+-)*(?:icon|action|command|cmd|tooltip|tip|title|hint|label|name|operation|colou?r)$/;
const DRAWN_WITH = 6;
const DRAWN_LIMIT = 80;
const INSIDE_CONTROL =
  "a, button, label, summary, select, [role=button], [role=link], [role=tab], [role=menuitem], [role=option], [role=checkbox], " +
  "[role=radio], [role=switch]";

// A small thing without any text, outside of every control: a picture in a line, what the mouse shows a hand over, what its
// page calls something in its data.
function isIcon(el, tag, hand) {
  if (!hasAttributes(el) || !(hand || tellingData(el).length || (INLINE_TAGS.has(tag) && isPictured(el))) || closestTo(el, INSIDE_CONTROL)) return false;
  const rect = rectOf(el);
  return rect.width > 0 && rect.height > 0 && rect.width <= DRAWN_LIMIT && rect.height <= DRAWN_LIMIT;
}

const isPictured = (el) => [style(el).content, style(el).backgroundImage, style(el).maskImage].some((css) => /url\(/.test(css));

function drawnWords(el) {
  const inner = [...allIn(el, "*")].slice(0, DRAWN_WITH);
  const found = inner.flatMap((part) => [attr(part, "id"), ...classesOf(part)]);
  for (const part of [el, ...inner]) found.push(...tellingData(part), pictureName(part));
  if (!inner.length) found.push(colourName(el));
  return [...new NativeSet(found.filter(Boolean).map((said) => said.slice(0, NEIGHBOUR_LIMIT)))];
}

const tellingData = (el) => attributeNames(el).filter((name) => TELLING_DATA.test(name)).map((name) => attr(el, name));

// What a person calls the colour of something that shows nothing else.
const COLOURS = new NativeMap([
  ["255,0,0", "red"], ["0,128,0", "green"], ["0,255,0", "lime"], ["0,0,255", "blue"], ["255,255,0", "yellow"], ["0,255,255", "cyan"],
  ["255,0,255", "magenta"], ["0,0,0", "black"], ["255,255,255", "white"], ["128,128,128", "grey"], ["128,128,0", "olive"],
  ["255,165,0", "orange"], ["128,0,128", "purple"], ["255,192,203", "pink"], ["165,42,42", "brown"], ["0,0,128", "navy"],
  ["0,128,128", "teal"], ["128,0,0", "maroon"], ["192,192,192", "silver"],
]);

function colourName(el) {
  const [red, green, blue, opaque = "1"] = style(el).backgroundColor.match(/[\d.]+/g) || [];
  return red === undefined || Number(opaque) === 0 ? "" : COLOURS.get(`${red},${green},${blue}`) || "";
}

// `trash` of `<use href="#trash">` and of `<img src="/icons/trash.svg?2">`.
function pictureName(el) {
  const tag = tagOf(el);
  if (tag === "use") return (attr(el, "href") || attr(el, "xlink:href") || "").split("#").at(-1);
  const source = (tag === "img" && attr(el, "src")) || "";
  return source.startsWith("data:") ? "" : source.split(/[?#]/)[0].split("/").at(-1).replace(/\.\w+$/, "");
}
