// One change to one element of a page, as a redesign or a defect would make it.
// (el, {kind, words, salt, thorough}) => {why, truth, name}: `why` says why the change does not apply, "" when it was
// made; `truth` is the element that the step means afterwards, null when it is gone. A thorough change takes what
// selectors hold on to as well: id, classes and data attributes.
(el, order) => {
  const FIELD = el.matches("input, select, textarea");
  const BUTTONISH = el.matches("input[type=submit], input[type=button], input[type=reset]");
  const TIGHT = new Set(["UL", "OL", "DL", "TABLE", "TBODY", "THEAD", "TR", "SELECT", "OPTGROUP", "DATALIST", "P"]);
  const doc = el.ownerDocument, root = el.getRootNode();
  const done = (truth = el) => ({ why: "", truth });
  const not = (why) => ({ why, truth: el });
  const word = (n) => `k${order.salt}${n}`;

  // --- names ---------------------------------------------------------------------------------------------

  const textNodes = (node) => {
    const walker = doc.createTreeWalker(node, NodeFilter.SHOW_TEXT), found = [];
    while (walker.nextNode()) if (walker.currentNode.data.trim()) found.push(walker.currentNode);
    return found;
  };
  const labelNodes = () => [...(el.labels ?? [])].flatMap((label) => textNodes(label).filter((t) => !el.contains(t)));
  const attribute = (name) => ({ get: () => el.getAttribute(name) ?? "", set: (v) => el.setAttribute(name, v) });
  const node = (t) => ({ get: () => t.data.trim(), set: (v) => { t.data = t.data.replace(t.data.trim(), v); } });
  // Every place where the element's name stands, the one that people read first.
  const places = () => {
    if (BUTTONISH) return [{ get: () => el.value, set: (v) => { el.setAttribute("value", v); el.value = v; } }];
    const texts = FIELD ? labelNodes() : textNodes(el);
    const named = ["aria-label", "placeholder", "title", "alt"].filter((n) => el.getAttribute(n));
    return [...texts.map(node), ...named.map(attribute)].filter((place) => place.get());
  };
  const name = () => places().map((place) => place.get()).sort((a, b) => b.length - a.length)[0] ?? "";
  const rename = (from, to) => places().filter((p) => p.get() === from).forEach((p) => p.set(to));

  // --- structure -----------------------------------------------------------------------------------------

  const wrap = (tag) => {
    const box = doc.createElement(tag);
    el.replaceWith(box);
    box.append(el);
    return box;
  };
  const dropIds = (copy) => [copy, ...copy.querySelectorAll("*")].forEach((n) => {
    for (const a of ["id", "name", "for", "data-testid", "data-test-id", "data-test", "data-cy", "data-qa"]) n.removeAttribute(a);
  });
  const styles = () => [...doc.querySelectorAll("style, link[rel=stylesheet]")].map((s) => s.cloneNode(true));
  const keptForm = () => {
    if (!el.form || el.form.contains(el) === false) return;
    el.form.id = el.form.id || word("form");
    el.setAttribute("form", el.form.id);
  };
  // Keeps the element alive where no search finds it, and lets a stand-in use it: for changes of tag and document.
  const standIn = (fresh, place) => {
    const form = el.form ?? null;
    place();
    const host = doc.createElement("div");
    host.style.display = "none";
    doc.body.append(host);
    host.attachShadow({ mode: "closed" }).append(el);
    fresh.addEventListener("click", (event) => {
      event.preventDefault();
      if (form && (el.type === "submit" || (el.localName === "button" && !el.hasAttribute("type")))) form.requestSubmit();
      else el.click();
    });
    return fresh;
  };
  const neighbour = () => {
    const alike = [...root.querySelectorAll(el.localName)].filter(
      (o) => o !== el && !o.contains(el) && !el.contains(o) && o.checkVisibility?.() && (!BUTTONISH || o.type === el.type));
    const around = [el.parentElement, el.parentElement?.parentElement, el.form, root].filter(Boolean);
    for (const area of around) {
      const found = alike.find((o) => area.contains(o) && o.textContent.trim() !== el.textContent.trim());
      if (found) return found;
    }
    return null;
  };
  const refuse = (event) => {
    event.stopImmediatePropagation();
    event.preventDefault();
  };

  const kinds = {
    rename_id() {
      if (!el.id) return not("it has no id");
      const old = el.id, fresh = word("id");
      for (const a of ["for", "aria-labelledby", "aria-describedby", "aria-controls", "list", "form"])
        for (const other of root.querySelectorAll(`[${a}~="${CSS.escape(old)}"]`))
          other.setAttribute(a, other.getAttribute(a).split(/\s+/).map((w) => (w === old ? fresh : w)).join(" "));
      for (const link of root.querySelectorAll(`a[href="#${CSS.escape(old)}"]`)) link.setAttribute("href", `#${fresh}`);
      el.id = fresh;
      return done();
    },
    rename_classes() {
      if (!el.classList.length) return not("it has no class");
      el.className = [...el.classList].map((_, n) => word(`class${n}`)).join(" ");
      return done();
    },
    rename_attributes() {
      const own = [...el.attributes].filter((a) => a.name.startsWith("data-") && a.value);
      if (!own.length) return not("it has no data attributes");
      own.forEach((a, n) => el.setAttribute(a.name, word(`data${n}`)));
      return done();
    },
    generated_classes() {
      let n = 0, changed = 0;
      for (let at = el; at && at !== doc.body && n < 5; at = at.parentElement, n += 1) {
        if (!at.classList.length) continue;
        changed += 1;
        at.setAttribute("class", `css-${order.salt}${n}x${at.classList.length}`);
      }
      return changed ? done() : not("neither it nor what is around it has a class");
    },
    wrapper_divs() {
      if (TIGHT.has(el.parentElement?.tagName)) return not("its place takes no div");
      wrap("div");
      wrap("div");
      return done();
    },
    reorder() {
      const family = [...(el.parentElement?.children ?? [])];
      if (family.length < 2) return not("it has no siblings");
      if (family.at(-1) === el) el.parentElement.prepend(el);
      else el.parentElement.append(el);
      return done();
    },
    moved() {
      const goal = [el.form?.parentElement, doc.querySelector("main"), doc.querySelector("footer"), doc.body]
        .find((place) => place && place.getRootNode() === root && place !== el.parentElement && !el.contains(place));
      if (!goal || TIGHT.has(el.parentElement?.tagName)) return not("there is no other container for it");
      keptForm();
      const box = doc.createElement("section");
      const label = FIELD && !BUTTONISH ? [...(el.labels ?? [])].find((l) => !l.contains(el)) : null;
      const whole = FIELD && el.closest("label") ? el.closest("label") : el;
      goal.append(box);
      if (label) box.append(label);
      box.append(whole);
      return done();
    },
    reworded() {
      if (!order.words) return not("there are no other words for its name");
      rename(name(), order.words);
      return done();
    },
    translated() {
      if (!order.words) return not("there is no translation of its name");
      rename(name(), order.words);
      return done();
    },
    tag_swap() {
      const text = name();
      if (el.matches("button, input[type=submit], input[type=button]") && el.form && (el.type === "submit")) {
        const fresh = doc.createElement(el.localName === "button" ? "input" : "button");
        for (const a of el.attributes) if (!["value", "type"].includes(a.name)) fresh.setAttribute(a.name, a.value);
        fresh.setAttribute("type", "submit");
        if (fresh.localName === "input") fresh.value = text;
        else fresh.textContent = text;
        el.replaceWith(fresh);
        return done(fresh);
      }
      if (!el.matches("a, button, [role=button]")) return not("only links and buttons change their tag");
      const fresh = doc.createElement(el.localName === "button" ? "a" : "button");
      for (const a of el.attributes) if (!["type", "href"].includes(a.name)) fresh.setAttribute(a.name, a.value);
      if (fresh.localName === "a") fresh.setAttribute("href", "#");
      else fresh.setAttribute("type", "button");
      fresh.append(...[...el.childNodes].map((n) => n.cloneNode(true)));
      return done(standIn(fresh, () => el.replaceWith(fresh)));
    },
    text_in_child() {
      if (FIELD) return not("a field has no text of its own");
      const text = textNodes(el)[0];
      if (!text) return not("it has no text");
      const outer = doc.createElement("span"), inner = doc.createElement("b");
      text.replaceWith(outer);
      outer.append(inner);
      inner.append(text);
      return done();
    },
    shadow_wrap() {
      const inside = el.form && el.form.contains(el) ? el.form : el.closest("label") ?? el;
      if (TIGHT.has(inside.parentElement?.tagName)) return not("its place takes no div");
      if (inside === el && FIELD) return not("its label would stay outside");
      const host = doc.createElement("div");
      inside.replaceWith(host);
      host.attachShadow({ mode: "open" }).append(...styles(), inside);
      return done();
    },
    iframe_wrap() {
      if (FIELD && !BUTTONISH) return not("a field would lose its form");
      if (TIGHT.has(el.parentElement?.tagName)) return not("its place takes no frame");
      const box = el.getBoundingClientRect(), frame = doc.createElement("iframe");
      const copy = el.cloneNode(true);
      frame.style.cssText = `border:0;width:${Math.ceil(box.width) + 24}px;height:${Math.ceil(box.height) + 24}px`;
      frame.title = "part";
      el.before(frame);
      const inner = frame.contentDocument;
      inner.head.append(...styles());
      inner.body.append(copy);
      standIn(copy, () => {});
      return done(copy);
    },
    look_alikes() {
      if (!order.words || TIGHT.has(el.parentElement?.tagName)) return not("it has no name that others could resemble");
      const copy = el.cloneNode(true), was = name();
      dropIds(copy);
      const spot = el.closest("label") ?? el;
      if (FIELD && !BUTTONISH) {
        const label = doc.createElement("label");
        label.append(order.words, copy);
        spot.after(label);
        return done();
      }
      if (BUTTONISH) copy.value = order.words;
      for (const a of ["aria-label", "title"]) if (copy.hasAttribute(a)) copy.setAttribute(a, order.words);
      for (const t of textNodes(copy)) if (t.data.trim() === was) t.data = order.words;
      spot.after(copy);
      return done();
    },

    // --- defects -----------------------------------------------------------------------------------------

    removed() {
      for (const label of [...(FIELD && !BUTTONISH ? el.labels ?? [] : [])]) label.remove();
      el.remove();
      return done(null);
    },
    hidden() {
      el.style.setProperty("display", "none", "important");
      return done();
    },
    disabled() {
      if (!("disabled" in el)) return not("it cannot be disabled");
      el.disabled = true;
      return done();
    },
    covered() {
      const veil = doc.createElement("div");
      veil.style.cssText = "position:fixed;inset:0;z-index:2147483647;background:#8888";
      doc.body.append(veil);
      return done();
    },
    label_swapped() {
      const other = neighbour();
      if (!other || FIELD && !BUTTONISH) return not("it has no neighbour of its kind with another name");
      const [mine, theirs] = [el, other].map((n) => textNodes(n)[0]);
      if (BUTTONISH) [el.value, other.value] = [other.value, el.value];
      else if (mine && theirs) [mine.data, theirs.data] = [theirs.data, mine.data];
      else return not("it has no text to swap");
      return done();
    },
    handler_gone() {
      const view = doc.defaultView;
      const mine = (event) => event.composedPath().includes(el);
      for (const type of ["click", "dblclick", "mousedown", "mouseup", "pointerdown", "pointerup", "contextmenu", "submit"])
        view.addEventListener(type, (event) => mine(event) && refuse(event), true);
      for (const type of ["input", "change", "keydown", "keyup", "keypress"])
        view.addEventListener(type, (event) => mine(event) && event.stopImmediatePropagation(), true);
      if (el.form && el.type === "submit")
        view.addEventListener("submit", (event) => event.submitter === el && refuse(event), true);
      return done();
    },
    form_nowhere() {
      if (!el.form) return not("it belongs to no form");
      const form = el.form;
      doc.defaultView.addEventListener("submit", (event) => event.target === form && refuse(event), true);
      return done();
    },
    wrong_value() {
      if (FIELD && !BUTTONISH) {
        if (el.type === "checkbox" || el.type === "radio") el.checked = !el.checked;
        else el.value = `${el.value}1`;
        return done();
      }
      const text = textNodes(el)[0];
      if (!text) return not("it shows no text");
      text.data = /\d/.test(text.data) ? text.data.replace(/\d/, (d) => String((Number(d) + 1) % 10)) : `No ${text.data.trim()}`;
      return done();
    },
  };
  if (order.kind === "look") return { why: "", truth: el, name: name() };
  const made = kinds[order.kind]();
  if (order.thorough && !made.why && made.truth) {
    el = made.truth;
    if (el.getRootNode() === root) kinds.rename_id();
    else el.removeAttribute("id");
    kinds.rename_classes();
    kinds.rename_attributes();
  }
  return made;
}
