// Small helpers that both versions of the shop use.
export const state = JSON.parse(document.getElementById("page-state").textContent);

export const money = (cents) => "$" + (cents / 100).toFixed(2);

export const $ = (selector, root = document) => root.querySelector(selector);

export async function get(path, parameters) {
  const answer = await fetch(path + "?" + new URLSearchParams(parameters));
  return answer.json();
}

export async function post(path, body) {
  const answer = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  return answer.json();
}

/** Build an element: h("p", {class: "x", onclick: f}, "text", child). */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value !== false && value != null) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child != null));
  return element;
}

const SHAPES = {
  mug: '<path d="M28 34h40v34a10 10 0 0 1-10 10H38a10 10 0 0 1-10-10z"/><path d="M68 42h6a10 10 0 0 1 0 22h-6" fill="none" stroke-width="5"/>',
  cup: '<path d="M34 20h32l-4 54a6 6 0 0 1-6 6H44a6 6 0 0 1-6-6z"/>',
  bowl: '<path d="M18 40h64a32 32 0 0 1-22 34v6H40v-6a32 32 0 0 1-22-34z"/>',
  plate: '<circle cx="50" cy="50" r="32"/><circle cx="50" cy="50" r="20" fill="none" stroke="#fff" stroke-opacity=".5" stroke-width="2"/>',
  teapot: '<path d="M30 44h40a4 4 0 0 1 4 4c0 18-6 30-14 30H42c-9 0-16-12-16-30a4 4 0 0 1 4-4z"/><path d="M74 52c10 0 6-12 14-14" fill="none" stroke-width="5"/><path d="M27 50c-12-2-12 18 4 18" fill="none" stroke-width="5"/><circle cx="50" cy="38" r="4"/>',
  vase: '<path d="M44 16h12v16c0 8 14 14 14 30 0 12-8 20-20 20s-20-8-20-20c0-16 14-22 14-30z"/>',
};

/** A drawing of a product; decoration, so hidden from assistive technology. */
export function art(product, className) {
  const picture = h("span", { class: className, "aria-hidden": "true" });
  picture.innerHTML = `<svg viewBox="0 0 100 100" fill="${product.colour}" stroke="${product.colour}" stroke-width="0">${SHAPES[product.shape]}</svg>`;
  return picture;
}

/** A listbox behind a button (ARIA combobox, select only). */
export function combobox(trigger, list, onchoose) {
  const options = [...list.querySelectorAll("[role=option]")];
  let active = 0;
  const show = (open) => {
    list.hidden = !open;
    trigger.setAttribute("aria-expanded", String(open));
    if (open) point(options.findIndex((o) => o.getAttribute("aria-selected") === "true"));
  };
  const point = (index) => {
    active = Math.max(0, Math.min(options.length - 1, index));
    options.forEach((o, i) => o.toggleAttribute("data-active", i === active));
    trigger.setAttribute("aria-activedescendant", options[active].id);
  };
  const choose = (option) => {
    options.forEach((o) => o.setAttribute("aria-selected", String(o === option)));
    trigger.querySelector("[data-current]").textContent = option.textContent;
    show(false);
    onchoose(option.dataset.value);
  };
  trigger.addEventListener("click", () => show(list.hidden));
  trigger.addEventListener("keydown", (event) => {
    if (event.key === "Escape") show(false);
    else if (event.key === "ArrowDown") list.hidden ? show(true) : point(active + 1);
    else if (event.key === "ArrowUp") point(active - 1);
    else if ((event.key === "Enter" || event.key === " ") && !list.hidden) choose(options[active]);
    else return;
    event.preventDefault();
  });
  options.forEach((option) => option.addEventListener("click", () => choose(option)));
  document.addEventListener("click", (event) => {
    if (!trigger.contains(event.target) && !list.contains(event.target)) show(false);
  });
}

/** Let the rows of a list be dragged into another order; calls onmove with the row and the row it was dropped on. */
export function sortable(list, onmove) {
  let dragged = null;
  list.addEventListener("dragstart", (event) => {
    dragged = event.target.closest("li");
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", dragged.textContent);
  });
  list.addEventListener("dragover", (event) => event.preventDefault());
  list.addEventListener("drop", (event) => {
    event.preventDefault();
    const onto = event.target.closest("li");
    if (dragged && onto && dragged !== onto) onmove(dragged, onto);
    dragged = null;
  });
}

/** Put the cursor into the search field when "/" is pressed outside a field. */
export function slashFocuses(field) {
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.target.closest("input, textarea, select")) return;
    event.preventDefault();
    field.focus();
  });
}

export function later(wait, action) {
  let timer;
  return (...given) => {
    clearTimeout(timer);
    timer = setTimeout(() => action(...given), wait);
  };
}
