// What an element looked like (healing.md, H-11), and where it is. Nothing that was typed or chosen is read.
const TEXT_LIMIT = 200;
const NEIGHBOUR_LIMIT = 80;
const TEST_IDS = ["data-testid", "data-test-id", "data-test", "data-cy", "data-qa", "data-e2e", "data-automation-id"];
const ARIA_KEPT = (
  "aria-label aria-haspopup aria-modal aria-level aria-roledescription aria-autocomplete aria-orientation aria-multiline " +
  "aria-multiselectable aria-keyshortcuts aria-description aria-placeholder"
).split(" ");
const ATTRIBUTES_KEPT = "autocomplete inputmode accept pattern min max step maxlength rows multiple required target download aria-live".split(" ");
const UNREAD = words("script style noscript template textarea head link meta title datalist");
const INLINE_TAGS = words("a abbr b bdi bdo cite code em font i kbd mark q s samp small span strong sub sup time tt u var");

const cut = (text, limit) => (text.length > limit ? text.slice(0, limit - 1) + "…" : text);
const clean = (text, limit) => (text ? cut(squeeze(text), limit) : "");

// Visible text, at most TEXT_LIMIT characters. An element that is hidden itself gives the text it would show.
const textOf = (el) => (noteOf(el).text ??= shownText(el));

function shownText(el) {
  if (isTypedInto(el)) return "";
  const budget = { said: "", room: TEXT_LIMIT + 1, all: !styleShows(el) && displayOf(el) !== "contents" };
  gatherOnce(el, budget);
  return clean(budget.said, TEXT_LIMIT);
}

const isTypedInto = (el) => UNREAD.has(tagOf(el)) || explicitRole(el) === "textbox" || isEdited(el);

// What an element says is part of what everything around it says: it is gathered once, and used again where it fits in whole.
function gatherOnce(el, budget) {
  if (budget.all) return gatherText(el, budget);
  const note = noteOf(el);
  if (note.said === undefined || note.cost >= budget.room) {
    const { said, room } = budget;
    budget.said = "";
    gatherText(el, budget);
    if (budget.room > 0) [note.said, note.cost] = [budget.said, room - budget.room];
    budget.said = said + budget.said;
  } else {
    budget.said += note.said;
    budget.room -= note.cost;
  }
}

function gatherText(el, budget) {
  const tag = tagOf(el);
  if (tag === "input") return addText(buttonText(el), budget);
  if (isTypedInto(el)) return;
  if (tag === "slot" && !shadowOf(el) && el.assignedNodes().length) return gatherAssigned(el, budget);
  for (let child = firstChild(shadowOf(el) || el); child && budget.room > 0; child = nextSibling(child)) gatherNode(child, budget);
}

function gatherAssigned(slot, budget) {
  for (const node of slot.assignedNodes()) {
    if (budget.room <= 0) return;
    gatherNode(node, budget);
  }
}

function gatherNode(node, budget) {
  const type = nodeType(node);
  if (type === TEXT) addText(rawText(node), budget);
  else if (type === ELEMENT) gatherChild(node, budget);
}

function gatherChild(child, budget) {
  const tag = tagOf(child);
  if (UNREAD.has(tag)) return;
  if (!budget.all && !styleShows(child) && displayOf(child) !== "contents") return;
  const apart = !INLINE_TAGS.has(tag);
  if (apart) addGap(budget);
  gatherOnce(child, budget);
  if (apart) addGap(budget);
}

function addGap(budget) {
  if (!budget.said.endsWith(" ")) budget.said += " ";
}

function addText(text, budget) {
  if (!/\S/.test(text)) return addGap(budget);
  const flat = /[^\S ]|  /.test(text) ? text.replace(/\s+/g, " ") : text;
  budget.room -= flat.length;
  budget.said += flat.slice(0, TEXT_LIMIT + 1);
}

function buttonText(el) {
  return ["button", "submit", "reset"].includes(inputType(el)) ? el.value || "" : "";
}

function labelText(el) {
  const labels = el.labels?.length ? [...el.labels] : (labelElements(el) || []).filter((l) => l !== el);
  return clean(labels.map((label) => textOf(label)).join(" "), TEXT_LIMIT);
}

function hrefPath(el) {
  const href = attr(el, "href");
  if (href === null) return "";
  if (/^\/[^/?#\\]*(\/[^/?#\\.]+)*\/?$/.test(href)) return cut(href, TEXT_LIMIT);
  return wholePath(href);
}

function wholePath(href) {
  try {
    const url = new URL(href, document.baseURI);
    if (!/^https?:$/.test(url.protocol)) return url.protocol;
    return cut(url.pathname + (/^#!?\//.test(url.hash) ? url.hash.split("?")[0] : ""), TEXT_LIMIT);
  } catch {
    return "";
  }
}

// Texts beside the element: siblings, and, where it is alone in its parent, the parent's siblings.
function neighboursOf(el) {
  const found = [];
  for (let at = el, up = 0; at && up < 3 && found.length === 0; at = parentElement(at), up++) {
    if (tagOf(at) === "body") break;
    besideText(previousNode, at, found);
    besideText(nextSibling, at, found);
  }
  return found;
}

const previousNode = getter(Node.prototype, "previousSibling");

function besideText(move, el, found) {
  let taken = 0;
  for (let node = move(el), steps = 0; node && taken < 2 && steps < 8; node = move(node), steps++) {
    const flat = besideNode(node);
    if (flat && !found.includes(flat)) {
      found.push(flat);
      taken++;
    }
  }
}

function besideNode(node) {
  const type = nodeType(node);
  if (type === TEXT) return clean(rawText(node), NEIGHBOUR_LIMIT);
  return type === ELEMENT ? (noteOf(node).beside ??= besideElement(node)) : "";
}

const besideElement = (el) => (styleShows(el) ? clean(textOf(el) || nameOf(el), NEIGHBOUR_LIMIT) : "");

// Headings above, nearest first. A heading speaks for what follows it inside its own section, until one of its level.
const HEADINGS = "h1, h2, h3, h4, h5, h6, [role=heading]";
const SECTIONS = "article, aside, nav, section, dialog, form, fieldset, li, [role=dialog], [role=alertdialog], [role=region], [role=tabpanel]";

function headingLevel(el) {
  const own = /^h([1-6])$/.exec(tagOf(el));
  return own && !has(el, "aria-level") ? Number(own[1]) : Number(attr(el, "aria-level")) || 2;
}

function headingsOf(el) {
  let stack = [];
  for (const heading of allIn(rootNode(el), HEADINGS)) {
    if (!(heading.compareDocumentPosition(el) & Node.DOCUMENT_POSITION_FOLLOWING) || contains(heading, el)) continue;
    const section = closestTo(heading, SECTIONS);
    if (!section || contains(section, el)) stack = pushHeading(stack, heading);
  }
  return headingTexts(stack);
}

function pushHeading(stack, heading) {
  const level = headingLevel(heading);
  return [...stack.filter((above) => headingLevel(above) < level), heading];
}

const headingTexts = (stack) => stack.slice(-4).reverse().map((h) => clean(textOf(h), NEIGHBOUR_LIMIT)).filter(Boolean);

// Landmarks around the element, nearest first: "dialog: Sign in", "navigation: Main", "form".
const LANDMARKS = words(
  "navigation main banner contentinfo complementary region search form dialog alertdialog tabpanel menu menubar toolbar group " +
    "radiogroup table grid article",
);
const LANDMARK_TAGS = { form: "form", section: "section", header: "header", footer: "footer" };

function landmarksOf(el) {
  const parent = parentOrHost(el);
  return parent ? (noteOf(parent).landmarks ??= landmarksWithin(parent)) : NO_LANDMARKS;
}

const NO_LANDMARKS = [];

function landmarksWithin(el) {
  const above = landmarksOf(el);
  const role = LANDMARKS.has(roleOf(el)) ? roleOf(el) : LANDMARK_TAGS[tagOf(el)];
  if (!role) return above;
  const name = landmarkName(el, role);
  return [name ? `${role}: ${name}` : role, ...above].slice(0, 6);
}

function landmarkName(el, role) {
  const name = nameOf(el);
  if (name || role === "main" || role === "form") return clean(name, NEIGHBOUR_LIMIT);
  const heading = allIn(el, HEADINGS)[0];
  const own = heading && closestTo(heading, SECTIONS);
  return heading && (!own || own === el || contains(own, el)) ? clean(textOf(heading), NEIGHBOUR_LIMIT) : "";
}

// The row, list item or card around an element: the nearest one that says more than the element itself.
const ROW_TAGS = words("tr li article");
const ROW_ROLES = words("row listitem article treeitem");

function rowOf(el) {
  const own = textOf(el);
  for (let at = rowsAround(el); at.el; at = at.up) {
    const text = textOf(at.el);
    if (text && text !== own) return text;
  }
  return "";
}

function rowsAround(el) {
  const parent = parentOrHost(el);
  return parent ? (noteOf(parent).rows ??= rowsFrom(parent)) : NO_ROWS;
}

const NO_ROWS = { el: null, up: null };

function rowsFrom(el) {
  const up = rowsAround(el);
  return isRow(el) ? { el, up } : up;
}

function isRow(el) {
  const tag = tagOf(el);
  if (ROW_TAGS.has(tag) || ROW_ROLES.has(explicitRole(el))) return true;
  return (tag === "div" || tag === "section" || tag === "fieldset" || tag.includes("-")) && isRepeated(el, tag);
}

// A card: a block beside at least one more of the same make.
function isRepeated(el, tag) {
  const make = attr(el, "class") || "";
  if (!make && !tag.includes("-")) return false;
  return [previousElement(el), nextElement(el)].some((s) => s && tagOf(s) === tag && (attr(s, "class") || "") === make);
}

// Where: the path of tags from the frame's root. `//` hops from a host into its shadow root, as Stagehand writes it.
const XHTML = "http://www.w3.org/1999/xhtml";

const xpathOf = (el) => (noteOf(el).xpath ??= wholeXpath(el));

function wholeXpath(el) {
  const parent = parentElement(el);
  if (parent) return `${xpathOf(parent)}/${xpathStep(el)}`;
  const host = parentNode(el)?.host;
  return host ? `${xpathOf(host)}//${xpathStep(el)}` : `/${xpathStep(el)}`;
}

const xpathStep = (el) => `${xpathTest(el)}[${siblingIndex(el) + 1}]`;

function xpathTest(el) {
  const name = localName(el);
  const plain = el.namespaceURI === XHTML && /^[a-z][\w.-]*$/.test(name);
  return plain ? name : `*[local-name()='${name.replace(/'/g, "")}']`;
}

function siblingIndex(el) {
  let index = 0;
  const name = localName(el);
  for (let at = previousElement(el); at; at = previousElement(at)) if (localName(at) === name) index++;
  return index;
}

// One link of the ancestor chain; generated parts are left out by the reader (page/fingerprint.py).
const slashOf = (el) => (parentElement(el) || !parentNode(el)?.host ? "/" : "//");
const link = (el) => [tagOf(el), attr(el, "id") || "", classesOf(el), explicitRole(el) || ""];
const classesOf = (el) => splitClasses(attr(el, "class") || "");
const splitClasses = (text) => text.split(/\s+/).filter(Boolean).slice(0, 12).map((c) => c.slice(0, 60));

function ancestorLinks(el) {
  const links = [];
  for (let at = parentOrHost(el); at && links.length < 12; at = parentOrHost(at)) links.push(link(at));
  return links;
}

const tenth = (n) => Math.round(n * 10) / 10;
const boxOf = (rect) => [tenth(rect.left + scrollX), tenth(rect.top + scrollY), tenth(rect.width), tenth(rect.height)];

const pairs = (el, names) => names.filter((n) => attr(el, n)).map((n) => [n, attr(el, n).slice(0, TEXT_LIMIT)]);
const hasAttributes = unbound(Element.prototype.hasAttributes);

// Everything about the element itself; what is around it (headings, ancestors) is added by who asks. What is empty
// is left out: most of it is.
function ownFeatures(el) {
  const tag = tagOf(el);
  const made = { tag, role: roleOf(el), sibling_index: siblingIndex(el), neighbours: neighboursOf(el) };
  put(made, "name", shortName(el));
  put(made, "text", ownText(el, tag));
  put(made, "classes", classesOf(el));
  for (const [key, value] of extraFeatures(el, tag)) put(made, key, value);
  return made;
}

const shortName = (el) => clean(nameOf(el), TEXT_LIMIT);
const ownText = (el, tag) => (tag === "input" ? clean(buttonText(el), TEXT_LIMIT) : textOf(el));

// What only some elements have, as pairs of key and value; both may be empty, and a key may come twice.
function extraFeatures(el, tag) {
  const found = hasAttributes(el) ? attributeFeatures(el) : [];
  if (el.labels !== undefined || has(el, "aria-labelledby")) found.push(["label", labelText(el)]);
  if (tag === "input" || tag === "button") found.push(["type", String(el.type)]);
  return found;
}

// What a field takes and a link does. The value of a choice is the developer's, that of a field a person's: it is never read.
function keptAttributes(el) {
  const value = ["radio", "checkbox"].includes(inputType(el)) && attr(el, "value");
  return [...pairs(el, ATTRIBUTES_KEPT), ...(value ? [["value", value.slice(0, TEXT_LIMIT)]] : [])];
}

// An element has few of the attributes that are kept: asking for its own names first saves asking for each of those.
const READ_AS = new NativeMap([
  ...["placeholder", "title", "alt"].map((name) => [name, (el) => [name, clean(attr(el, name), TEXT_LIMIT)]]),
  ["name", (el) => ["name_attribute", attr(el, "name").slice(0, TEXT_LIMIT)]],
  ["id", (el) => ["id", attr(el, "id").slice(0, TEXT_LIMIT)]],
  ["href", (el) => ["href_path", hrefPath(el)]],
  ...TEST_IDS.map((name) => [name, (el) => ["test_ids", pairs(el, TEST_IDS)]]),
  ...ARIA_KEPT.map((name) => [name, (el) => ["aria", pairs(el, ARIA_KEPT)]]),
  ...[...ATTRIBUTES_KEPT, "value"].map((name) => [name, (el) => ["attributes", keptAttributes(el)]]),
]);

function attributeFeatures(el) {
  const found = [];
  for (const name of attributeNames(el)) {
    const read = READ_AS.get(name);
    if (read) found.push(read(el));
  }
  return found;
}

function put(made, key, value) {
  if (value && value.length !== 0) made[key] = value;
}

function fingerprint(el) {
  return {
    ...ownFeatures(el), headings: headingsOf(el), landmarks: landmarksOf(el), row: rowOf(el), ancestors: ancestorLinks(el),
    box: boxOf(rectOf(el)),
  };
}
