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
function textOf(el) {
  return remember("text", el, () => {
    if (isTypedInto(el)) return "";
    const parts = [];
    gatherText(el, parts, { room: TEXT_LIMIT + 1, all: !styleShows(el) && style(el).display !== "contents" });
    return clean(parts.join(""), TEXT_LIMIT);
  });
}

const isTypedInto = (el) => el.isContentEditable || UNREAD.has(tagOf(el)) || explicitRole(el) === "textbox";

function gatherText(el, parts, budget) {
  const tag = tagOf(el);
  if (tag === "input") return addText(buttonText(el), parts, budget);
  if (isTypedInto(el)) return;
  const shadow = shadowOf(el);
  const children = shadow ? childrenOf(shadow) : tag === "slot" && el.assignedNodes().length ? el.assignedNodes() : childrenOf(el);
  for (const child of children) {
    if (budget.room <= 0) return;
    const type = nodeType(child);
    if (type === TEXT) addText(rawText(child), parts, budget);
    else if (type === ELEMENT) gatherChild(child, parts, budget);
  }
}

function gatherChild(child, parts, budget) {
  const tag = tagOf(child);
  if (UNREAD.has(tag)) return;
  if (!budget.all && !styleShows(child) && style(child).display !== "contents") return;
  const apart = !INLINE_TAGS.has(tag);
  if (apart) parts.push(" ");
  gatherText(child, parts, budget);
  if (apart) parts.push(" ");
}

function addText(text, parts, budget) {
  if (!/\S/.test(text)) return parts.push(" ");
  const flat = text.replace(/\s+/g, " ");
  budget.room -= flat.length;
  parts.push(flat.slice(0, TEXT_LIMIT + 1));
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
    const flat = clean(besideNode(node), NEIGHBOUR_LIMIT);
    if (flat && !found.includes(flat)) {
      found.push(flat);
      taken++;
    }
  }
}

function besideNode(node) {
  if (nodeType(node) === TEXT) return rawText(node);
  return nodeType(node) === ELEMENT && styleShows(node) ? textOf(node) || nameOf(node) : "";
}

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
  if (!parent) return [];
  return remember("landmarks", parent, () => {
    const above = landmarksOf(parent);
    const role = LANDMARKS.has(roleOf(parent)) ? roleOf(parent) : LANDMARK_TAGS[tagOf(parent)];
    if (!role) return above;
    const name = landmarkName(parent, role);
    return [name ? `${role}: ${name}` : role, ...above].slice(0, 6);
  });
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
  for (let at = rowsAround(el); at; at = at.up) {
    const text = textOf(at.el);
    if (text && text !== own) return text;
  }
  return "";
}

function rowsAround(el) {
  const parent = parentOrHost(el);
  if (!parent) return null;
  return remember("rows", parent, () => {
    const up = rowsAround(parent);
    return isRow(parent) ? { el: parent, up } : up;
  });
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

function xpathOf(el) {
  return remember("xpath", el, () => {
    const parent = parentElement(el);
    if (parent) return `${xpathOf(parent)}/${xpathStep(el)}`;
    const host = parentNode(el)?.host;
    return host ? `${xpathOf(host)}//${xpathStep(el)}` : `/${xpathStep(el)}`;
  });
}

function xpathStep(el) {
  const name = localName(el);
  const plain = el.namespaceURI === XHTML && /^[a-z][\w.-]*$/.test(name);
  return `${plain ? name : `*[local-name()='${name.replace(/'/g, "")}']`}[${siblingIndex(el) + 1}]`;
}

function siblingIndex(el) {
  return remember("index", el, () => {
    let index = 0;
    const name = localName(el);
    for (let at = previousElement(el); at; at = previousElement(at)) if (localName(at) === name) index++;
    return index;
  });
}

// One link of the ancestor chain; generated parts are left out by the reader (page/fingerprint.py).
const slashOf = (el) => (parentElement(el) || !parentNode(el)?.host ? "/" : "//");
const link = (el) => [tagOf(el), attr(el, "id") || "", classesOf(el), explicitRole(el) || ""];
const classesOf = (el) => (attr(el, "class") || "").split(/\s+/).filter(Boolean).slice(0, 12).map((c) => c.slice(0, 60));

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
  const made = { tag, role: roleOf(el) };
  put(made, "name", clean(nameOf(el), TEXT_LIMIT));
  put(made, "text", tag === "input" ? clean(buttonText(el), TEXT_LIMIT) : textOf(el));
  put(made, "neighbours", neighboursOf(el));
  put(made, "sibling_index", siblingIndex(el));
  if (el.labels !== undefined || has(el, "aria-labelledby")) put(made, "label", labelText(el));
  if (hasAttributes(el)) attributeFeatures(el, tag, made);
  if (tag === "input" || tag === "button") put(made, "type", String(el.type));
  return made;
}

// What a field takes and a link does. The value of a choice is the developer's, that of a field a person's: it is never read.
function keptAttributes(el) {
  const value = ["radio", "checkbox"].includes(inputType(el)) && attr(el, "value");
  return [...pairs(el, ATTRIBUTES_KEPT), ...(value ? [["value", value.slice(0, TEXT_LIMIT)]] : [])];
}

function attributeFeatures(el, tag, made) {
  for (const name of ["placeholder", "title", "alt"]) put(made, name, clean(attr(el, name), TEXT_LIMIT));
  put(made, "name_attribute", (attr(el, "name") || "").slice(0, TEXT_LIMIT));
  put(made, "id", (attr(el, "id") || "").slice(0, TEXT_LIMIT));
  put(made, "classes", classesOf(el));
  put(made, "href_path", hrefPath(el));
  put(made, "test_ids", pairs(el, TEST_IDS));
  put(made, "aria", pairs(el, ARIA_KEPT));
  put(made, "attributes", keptAttributes(el));
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
