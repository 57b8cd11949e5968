// ARIA role and accessible name (HTML-AAM and accname 1.2, with the choices Playwright's get_by_role makes).
const words = (text) => new NativeSet(text.split(" "));
const ROLES = words(
  "alert alertdialog application article banner blockquote button caption cell checkbox code columnheader combobox complementary " +
    "contentinfo definition deletion dialog directory document emphasis feed figure form generic grid gridcell group heading img " +
    "insertion link list listbox listitem log main mark marquee math meter menu menubar menuitem menuitemcheckbox menuitemradio " +
    "navigation none note option paragraph presentation progressbar radio radiogroup region row rowgroup rowheader scrollbar " +
    "search searchbox separator slider spinbutton status strong subscript superscript switch tab table tablist tabpanel term " +
    "textbox time timer toolbar tooltip tree treegrid treeitem",
);
const NAMELESS = words(
  "caption code definition deletion emphasis generic insertion mark paragraph presentation strong subscript suggestion " +
    "superscript term time",
);
const NAMED_BY_CONTENT = words(
  "button cell checkbox columnheader gridcell heading link menuitem menuitemcheckbox menuitemradio option radio row rowheader " +
    "switch tab tooltip treeitem",
);
const PASSES_CONTENT_UP = words(
  "caption code contentinfo definition deletion emphasis insertion list listitem mark none paragraph presentation region row " +
    "rowgroup section strong subscript superscript table term time",
).add("");
const SIMPLE_ROLES = {
  article: "article", aside: "complementary", blockquote: "blockquote", button: "button", caption: "caption", code: "code",
  datalist: "listbox", dd: "definition", del: "deletion", details: "group", dfn: "term", dialog: "dialog", dt: "term",
  em: "emphasis", fieldset: "group", figure: "figure", h1: "heading", h2: "heading", h3: "heading", h4: "heading",
  h5: "heading", h6: "heading", hr: "separator", html: "document", ins: "insertion", li: "listitem", main: "main",
  mark: "mark", math: "math", menu: "list", meter: "meter", nav: "navigation", ol: "list", optgroup: "group",
  option: "option", output: "status", p: "paragraph", progress: "progressbar", search: "search", strong: "strong",
  sub: "subscript", sup: "superscript", svg: "img", table: "table", tbody: "rowgroup", textarea: "textbox",
  tfoot: "rowgroup", thead: "rowgroup", time: "time", tr: "row", ul: "list",
};
const INPUT_ROLES = {
  button: "button", checkbox: "checkbox", file: "button", hidden: "", image: "button", number: "spinbutton", radio: "radio",
  range: "slider", reset: "button", search: "searchbox", submit: "button",
};
const LANDMARK_GUARD =
  "article:not([role]), aside:not([role]), main:not([role]), nav:not([role]), section:not([role]), [role=article], " +
  "[role=complementary], [role=main], [role=navigation], [role=region]";
const isNamed = (el) => has(el, "aria-label") || has(el, "aria-labelledby");
const CONDITIONAL_ROLES = {
  a: (el) => (has(el, "href") ? "link" : ""),
  area: (el) => (has(el, "href") ? "link" : ""),
  footer: (el) => (closestAcross(el, LANDMARK_GUARD) ? "" : "contentinfo"),
  header: (el) => (closestAcross(el, LANDMARK_GUARD) ? "" : "banner"),
  form: (el) => (isNamed(el) ? "form" : ""),
  section: (el) => (isNamed(el) ? "region" : ""),
  img: (el) =>
    attr(el, "alt") === "" && !attr(el, "title") && !hasGlobalAria(el, "") && !hasTabIndex(el) ? "presentation" : "img",
  input: inputRole,
  select: (el) => (el.multiple || el.size > 1 ? "listbox" : "combobox"),
  td: (el) => (["grid", "treegrid"].includes(explicitRole(closestAcross(el, "table"))) ? "gridcell" : "cell"),
  th: headerCellRole,
};

function inputRole(el) {
  const type = inputType(el);
  if (["email", "search", "tel", "text", "url", ""].includes(type)) {
    const list = byIds(el, attr(el, "list"))[0];
    if (list && tagOf(list) === "datalist") return "combobox";
  }
  return INPUT_ROLES[type] ?? "textbox";
}

function headerCellRole(el) {
  const scope = attr(el, "scope");
  if (scope === "col" || scope === "colgroup") return "columnheader";
  if (scope === "row" || scope === "rowgroup") return "rowheader";
  const before = previousElement(el);
  const after = nextElement(el);
  if (!before && !after) {
    const row = parentElement(el);
    const table = row && tagOf(row) === "tr" && closestAcross(row, "table");
    return table && table.rows.length <= 1 ? "" : "columnheader";
  }
  const isHeader = (cell) => cell && tagOf(cell) === "th";
  const hasData = (cell) => cell && tagOf(cell) === "td" && (rawText(cell).trim() || firstElement(cell));
  if (isHeader(before) && isHeader(after)) return "columnheader";
  return hasData(before) || hasData(after) ? "rowheader" : "columnheader";
}

const GLOBAL_ARIA = (
  "aria-atomic aria-busy aria-controls aria-current aria-describedby aria-details aria-dropeffect aria-flowto aria-grabbed " +
  "aria-hidden aria-keyshortcuts aria-live aria-owns aria-relevant"
).split(" ");
const NO_LABEL = words(
  "caption code deletion emphasis generic insertion paragraph presentation strong subscript superscript",
);

function hasGlobalAria(el, role) {
  if (GLOBAL_ARIA.some((name) => has(el, name))) return true;
  if (!NO_LABEL.has(role) && isNamed(el)) return true;
  return role !== "generic" && has(el, "aria-roledescription");
}

const hasTabIndex = (el) => !Number.isNaN(Number(String(attr(el, "tabindex"))));

function focusable(el) {
  if (nativelyDisabled(el)) return false;
  const tag = tagOf(el);
  if (["button", "details", "select", "textarea"].includes(tag)) return true;
  if ((tag === "a" || tag === "area") && has(el, "href")) return true;
  return (tag === "input" && !el.hidden) || hasTabIndex(el);
}

const INHERITS_PRESENTATION = {
  dd: ["dl", "div"], div: ["dl"], dt: ["dl", "div"], li: ["ol", "ul"], tbody: ["table"], td: ["tr"], tfoot: ["table"],
  th: ["tr"], thead: ["table"], tr: ["thead", "tbody", "tfoot", "table"],
};
const isPresentational = (role) => role === "none" || role === "presentation";
const keepsItsRole = (el, role) => hasGlobalAria(el, role) || focusable(el);

const explicitRole = (el) => (el ? (noteOf(el).given ??= givenRole(el)) : "");

function givenRole(el) {
  const given = attr(el, "role") || "";
  return given && (given.toLowerCase().split(" ").find((role) => ROLES.has(role.trim())) || "").trim();
}

function implicitRole(el) {
  const tag = tagOf(el);
  const role = SIMPLE_ROLES[tag] || CONDITIONAL_ROLES[tag]?.(el) || "";
  if (!role) return "";
  for (let at = el; ; ) {
    const parent = parentOrHost(at);
    if (!parent || !INHERITS_PRESENTATION[tagOf(at)]?.includes(tagOf(parent))) return role;
    const given = explicitRole(parent);
    if (isPresentational(given) && !keepsItsRole(parent, given)) return given;
    at = parent;
  }
}

function computeRole(el) {
  const given = explicitRole(el);
  if (!given) return implicitRole(el);
  if (isPresentational(given)) {
    const own = implicitRole(el);
    if (keepsItsRole(el, own)) return own;
  }
  return given;
}

const roleOf = (el) => (noteOf(el).role ??= computeRole(el));

// Hidden for assistive technology: what get_by_role leaves out.
const NO_CONTENT = words("style script noscript template");

function ariaHidden(el) {
  const tag = tagOf(el);
  if (NO_CONTENT.has(tag)) return true;
  if (tag !== "slot" && boxless(el)) return !contentsSpoken(el);
  const inSelect = tag === "option" && closestTo(el, "select");
  if (!inSelect && tag !== "slot" && !styleShows(el)) return true;
  return inHiddenTree(el);
}

function contentsSpoken(el) {
  for (const child of childrenOf(el)) {
    if (nodeType(child) === ELEMENT ? !ariaHidden(child) : nodeType(child) === TEXT && textHasBox(child)) return true;
  }
  return false;
}

const inHiddenTree = (el) => (noteOf(el).gone ??= hiddenHereOrAbove(el));

function hiddenHereOrAbove(el) {
  const parent = parentElement(el);
  if (parent && shadowOf(parent) && !slotOf(el)) return true;
  if (notDisplayed(el) || (attr(el, "aria-hidden") || "").toLowerCase() === "true") return true;
  const above = parentOrHost(el);
  return above ? inHiddenTree(above) : false;
}

// `typed`: also what users typed or chose in fields inside the element, as get_by_role does; never for what is kept.
function nameOf(el, typed = false) {
  if (NAMELESS.has(roleOf(el))) return "";
  return typed ? computeName(el, true) : (noteOf(el).name ??= computeName(el, false));
}

const computeName = (el, typed) => squeeze(alternative(el, { seen: new NativeSet(), at: "self", typed }));

// One step of the text alternative computation. `way.at` is `self` for the element itself, `inside` for its content;
// `labelledBy`, `label` and `native` say through which reference we came, and whether that reference is hidden.
function alternative(el, way) {
  if (way.seen.has(el)) return "";
  const inHiddenReference = way.labelledBy?.hidden || way.label?.hidden || way.native?.hidden;
  if (NO_CONTENT.has(tagOf(el)) || (!inHiddenReference && ariaHidden(el))) {
    way.seen.add(el);
    return "";
  }
  const labelling = labelElements(el);
  if (!way.labelledBy && labelling) {
    const joined = joinReferences(labelling, way, "labelledBy");
    if (joined) return joined;
  }
  const value = embeddedValue(el, labelling, way);
  if (value !== undefined) return value;
  const label = trimmedAttr(el, "aria-label");
  if (!label) return nameFromMarkup(el, labelling, way);
  way.seen.add(el);
  return label;
}

function labelElements(el) {
  const found = el.ariaLabelledByElements || byIds(el, attr(el, "aria-labelledby"));
  return found?.length ? [...found] : null;
}

function joinReferences(elements, way, kind) {
  const texts = elements.map((target) =>
    alternative(target, { seen: way.seen, typed: way.typed, [kind]: { hidden: ariaHidden(target) } }),
  );
  return (kind === "label" ? texts.filter(Boolean) : texts).join(" ");
}

// A field inside the text of a label counts as its value. Returns undefined where that rule does not apply.
function embeddedValue(el, labelling, way) {
  if (!way.label && !way.labelledBy && way.at !== "inside") return undefined;
  if (labelling?.includes(el)) return undefined;
  const role = roleOf(el);
  const tag = tagOf(el);
  const done = (value) => (way.seen.add(el), way.typed ? value || "" : "");
  if (role === "textbox" || role === "searchbox") {
    return done(tag === "input" || tag === "textarea" ? el.value : rawText(el));
  }
  if (role === "combobox" || role === "listbox") return done(way.typed && chosenText(el, role, way));
  if (["progressbar", "scrollbar", "slider", "spinbutton", "meter"].includes(role)) {
    return done(attr(el, "aria-valuetext") ?? attr(el, "aria-valuenow") ?? attr(el, "value"));
  }
  return role === "menu" ? done("") : undefined;
}

function chosenText(el, role, way) {
  way.seen.add(el);
  const inner = { ...way, at: way.at === "self" ? "inside" : way.at };
  const chosen = chosenOptions(el, role);
  if (!chosen.length && tagOf(el) === "input") return el.value;
  return chosen.map((option) => alternative(option, inner)).join(" ");
}

function chosenOptions(el, role) {
  if (tagOf(el) === "select") return el.selectedOptions.length ? [...el.selectedOptions] : [...el.options].slice(0, 1);
  const list = role === "combobox" ? owned(el, "*").find((e) => roleOf(e) === "listbox") : el;
  return list ? owned(list, '[aria-selected="true" i]').filter((e) => roleOf(e) === "option") : [];
}

function owned(el, css) {
  const found = [...allIn(el, css)];
  for (const other of byIds(el, attr(el, "aria-owns"))) {
    if (matches(other, css)) found.push(other);
    found.push(...allIn(other, css));
  }
  return found;
}

// The host language's own ways to name an element, else its content, else its title.
function nameFromMarkup(el, labelling, way) {
  const role = roleOf(el);
  const tag = tagOf(el);
  if (!isPresentational(role)) {
    const said = markupName(el, tag, labelling, way);
    if (said !== undefined) return said;
  }
  const summary = tag === "summary" && !isPresentational(role);
  const fromContent = NAMED_BY_CONTENT.has(role) || (way.at === "inside" && PASSES_CONTENT_UP.has(role));
  if (fromContent || summary || way.labelledBy || way.label || way.native) {
    way.seen.add(el);
    const text = contentText(el, { ...way, at: way.at === "self" ? "inside" : way.at });
    if (way.at === "self" ? text.trim() : text) return text;
  }
  way.seen.add(el);
  const titled = !isPresentational(role) || tag === "iframe" || tag === "frame";
  return titled ? trimmedAttr(el, "title") : "";
}

const trimmedAttr = (el, name) => (attr(el, name)?.trim() ? attr(el, name) : "");

function labelsName(el, way) {
  const labels = el.labels || [];
  return labels.length && !way.labelledBy ? joinReferences([...labels], way, "label") : undefined;
}

const FIELD_TAGS = words("textarea select input meter progress");
const WITH_PLACEHOLDER = words("text password number search tel email url");
const CAPTIONS = { fieldset: "legend", figure: "figcaption", table: "caption" };

function markupName(el, tag, labelling, way) {
  if (tag === "input") {
    const said = inputName(el, way);
    if (said !== undefined) return said;
  }
  if (!labelling && (tag === "button" || tag === "output" || FIELD_TAGS.has(tag))) return fieldName(el, tag, way);
  if (CAPTIONS[tag] && (!labelling || tag === "table")) return captionName(el, tag, way);
  if (tag === "img" || tag === "area") {
    way.seen.add(el);
    return trimmedAttr(el, "alt") || attr(el, "title") || "";
  }
  return tag === "svg" || el.ownerSVGElement ? svgName(el, tag, way) : undefined;
}

function inputName(el, way) {
  const type = inputType(el);
  if (["button", "submit", "reset"].includes(type)) {
    way.seen.add(el);
    const fallback = { submit: "Submit", reset: "Reset" }[type] || attr(el, "title") || "";
    return el.value?.trim() ? el.value : fallback;
  }
  if (type === "file") {
    way.seen.add(el);
    return labelsName(el, way) ?? "Choose File";
  }
  if (type === "image") {
    way.seen.add(el);
    return labelsName(el, way) ?? (trimmedAttr(el, "alt") || trimmedAttr(el, "title") || "Submit");
  }
  return undefined;
}

function fieldName(el, tag, way) {
  way.seen.add(el);
  const labels = el.labels || [];
  if (labels.length) return joinReferences([...labels], way, "label");
  if (tag === "button") return undefined;
  const title = attr(el, "title") || "";
  const hinted = (tag === "input" && WITH_PLACEHOLDER.has(inputType(el))) || tag === "textarea";
  return title || (hinted ? attr(el, "placeholder") || "" : "");
}

function captionName(el, tag, way) {
  way.seen.add(el);
  for (let child = firstElement(el); child; child = nextElement(child)) {
    if (tagOf(child) === CAPTIONS[tag]) {
      return alternative(child, { ...way, at: way.at === "self" ? "inside" : way.at, native: { hidden: ariaHidden(child) } });
    }
  }
  if (tag === "table") return attr(el, "summary") || undefined;
  return attr(el, "title") || "";
}

function svgName(el, tag, way) {
  way.seen.add(el);
  for (let child = firstElement(el); child; child = nextElement(child)) {
    if (tagOf(child) === "title" && child.ownerSVGElement) {
      return alternative(child, { ...way, at: way.at === "self" ? "inside" : way.at, labelledBy: { hidden: ariaHidden(child) } });
    }
  }
  return tag === "a" && el.ownerSVGElement ? trimmedAttr(el, "xlink:title") || undefined : undefined;
}

function contentText(el, way) {
  const parts = [generated(el, "::before")];
  const replaced = generated(el, undefined);
  if (replaced !== null) parts.push(replaced);
  else for (const child of spokenChildren(el)) parts.push(childText(child, way));
  parts.push(generated(el, "::after"));
  return parts.join("");
}

function* spokenChildren(el) {
  const assigned = tagOf(el) === "slot" ? el.assignedNodes() : [];
  if (assigned.length) return yield* assigned;
  const shadow = shadowOf(el);
  for (const child of childrenOf(el)) if (!shadow || !slotOfNode(child)) yield child;
  if (shadow) for (const child of childrenOf(shadow)) if (!slotOfNode(child)) yield child;
  for (const other of byIds(el, attr(el, "aria-owns"))) if (!slotOf(other)) yield other;
}

const slotOfNode = (node) => node.assignedSlot || null;

function childText(node, way) {
  if (nodeType(node) === TEXT) return textRendered(node, way) ? rawText(node) : "";
  if (nodeType(node) !== ELEMENT) return "";
  const text = alternative(node, way);
  const inline = (displayOf(node) || "inline") === "inline" && tagOf(node) !== "br";
  return inline ? text : ` ${text} `;
}

function textRendered(node, way) {
  if (way.labelledBy?.hidden || way.label?.hidden || way.native?.hidden) return true;
  const parent = parentElement(node);
  if (!parent) return true;
  if (shadowOf(parent) && !slotOfNode(node)) return false;
  return !(tagOf(parent) === "details" && !parent.open);
}

// Text that CSS `content` adds; null where it adds none to the element itself.
function generated(el, pseudo) {
  const css = pseudo ? styleOf(el, pseudo) : style(el);
  const none = pseudo ? "" : null;
  const content = css.content;
  if (!content || content === "none" || content === "normal") return none;
  if (css.display === "none" || css.visibility === "hidden") return none;
  const text = contentString(el, content, Boolean(pseudo));
  if (text === null) return none;
  return pseudo && css.display !== "inline" ? ` ${text} ` : text;
}

const CONTENT_PART = /\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|attr\(\s*([\w-]+)\s*\)|(\/))/y;

function contentString(el, content, isPseudo) {
  let parts = [];
  let slash = false;
  for (CONTENT_PART.lastIndex = 0; CONTENT_PART.lastIndex < content.trimEnd().length; ) {
    const found = CONTENT_PART.exec(content);
    if (!found) return skipToAlternative(el, content, isPseudo);
    if (found[4]) [parts, slash] = [[], true];
    else if (found[3]) parts.push(attr(el, found[3]) || "");
    else parts.push((found[1] ?? found[2]).replace(/\\(.)/g, "$1"));
  }
  return isPseudo || slash ? parts.join("") : null;
}

// `url(icon.svg) / "Close"`: what stands before the slash is no text.
function skipToAlternative(el, content, isPseudo) {
  const rest = content.replace(/url\((?:"[^"]*"|[^)]*)\)|counters?\([^)]*\)|[\w-]+-gradient\(.*?\)\)?/g, "").match(/\/(.*)$/);
  return rest ? contentString(el, rest[0], isPseudo) : null;
}
