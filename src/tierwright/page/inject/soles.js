// In which kinds an element is the only one that shows, on its page or in its region: the search field, the h1, the submit button.
const SOLE_TAGS = words("h1 select textarea output dialog main table");
const SOLE_TYPES = words("checkbox date email file month number password radio range search submit tel time url");
const SOLE_ROLES = {
  alert: "", button: "button, input, summary", checkbox: "input", combobox: "select, input", dialog: "dialog", listbox: "select",
  main: "main", meter: "meter", navigation: "nav", progressbar: "progress", radiogroup: "", search: "search", searchbox: "input",
  slider: "input", spinbutton: "input", status: "output", switch: "", table: "table", tablist: "", textbox: "input, textarea",
};
const REGION_SEPARATOR = "\n";

function kindsOf(tag, role, type) {
  const kinds = [];
  if (role in SOLE_ROLES) kinds.push(`role:${role}`);
  if (SOLE_TAGS.has(tag)) kinds.push(`tag:${tag}`);
  if (type && SOLE_TYPES.has(type)) kinds.push(`type:${type}`);
  return kinds;
}

const typeOf = (el, tag) => (tag === "input" || tag === "button" ? String(el.type) : "");

function ownKinds(el) {
  const tag = tagOf(el);
  return kindsOf(tag, roleOf(el), typeOf(el, tag));
}

// Where elements of a kind can be, as a selector: asking all elements of a page for their role would take long.
function whereKind(kind) {
  const [by, value] = kind.split(":");
  if (by === "tag") return value;
  if (by === "type") return value === "submit" ? "button, input" : "input";
  return [SOLE_ROLES[value], `[role~=${value}]`].filter(Boolean).join(", ");
}

// The mark of an element whose role and name others have too: only its surroundings say which one it is.
const SHARED_NAME = "shared:name";
const nameKey = (role, name) => `${role}\n${name}`;

function sharesName(el, root) {
  const role = roleOf(el);
  const name = role && nameOf(el);
  if (!name) return false;
  const text = squeeze(el.textContent);
  const where = [tagOf(el), role in SOLE_ROLES ? whereKind(`role:${role}`) : `[role~=${role}]`].filter(Boolean).join(", ");
  return [...allIn(root, where)].some(
    (o) => o !== el && (!text || squeeze(o.textContent) === text) && roleOf(o) === role && nameOf(o) === name && visible(o),
  );
}

// Of one element; what is inside a shadow root is not counted.
function solesOf(el) {
  const root = rootNode(el);
  if (root !== document) return [];
  const region = landmarksOf(el).join(REGION_SEPARATOR);
  const shared = sharesName(el, root) ? [SHARED_NAME] : [];
  return shared.concat(ownKinds(el).flatMap((kind) => {
    const others = [...allIn(root, whereKind(kind))].filter((o) => o !== el && ownKinds(o).includes(kind) && visible(o));
    if (others.length === 0) return [kind, `${kind} in region`];
    return others.some((o) => landmarksOf(o).join(REGION_SEPARATOR) === region) ? [] : [`${kind} in region`];
  }));
}

// Of all candidates of a page at once; written into the place kept for it.
function writeSoles(walk) {
  const counts = new NativeMap();
  const count = (key) => counts.set(key, (counts.get(key) || 0) + 1);
  for (const c of walk.counted) {
    if (c.called) count(c.called);
    for (const kind of c.kinds) count(kind), count(inRegion(kind, c));
  }
  for (const c of walk.counted) {
    const found = c.called && counts.get(c.called) > 1 ? [SHARED_NAME] : [];
    for (const kind of c.kinds) {
      if (counts.get(kind) === 1) found.push(kind);
      if (counts.get(inRegion(kind, c)) === 1) found.push(`${kind} in region`);
    }
    walk.page.candidates[c.sole] = internList(found, walk);
  }
}

const inRegion = (kind, c) => `${kind} ${c.landmarks}`;

// What everything visible that people can operate is called, shadow roots included (models/local/newcomers.py reads the
// same of a snapshot).
const OPERABLE_TAGS = words("a button input select textarea summary label area");
const OPERABLE_ROLES = words(
  "button link checkbox radio switch tab menuitem menuitemcheckbox menuitemradio option treeitem combobox textbox searchbox " +
    "slider spinbutton gridcell columnheader",
);

// Of a page with more of them nothing is kept, so there is no need to read on (`MOST_OTHERS` of core/operable.py).
const MOST_NAMES = 1000;

function namesIn(root, found = []) {
  for (const el of allIn(root, "*")) {
    if (found.length > MOST_NAMES) break;
    const tag = tagOf(el);
    const name = isOperable(el, tag) && visible(el) && (shortName(el) || ownText(el, tag));
    if (name) found.push(name);
    const shadow = shadowOf(el);
    if (shadow) namesIn(shadow, found);
  }
  return found;
}

// What is drawn inside a picture is no candidate either (collect.js).
function isOperable(el, tag) {
  if (el.ownerSVGElement) return false;
  if (OPERABLE_TAGS.has(tag)) return true;
  return tag === "option" ? !closestTo(el, "select, datalist") : OPERABLE_ROLES.has(roleOf(el));
}
