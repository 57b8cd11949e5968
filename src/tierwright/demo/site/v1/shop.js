import { $, art, combobox, get, h, later, money, post, slashFocuses, sortable, state } from "/static/shared/kit.js";

let toastTimer;
function toast(text) {
  const box = $("#toast");
  box.textContent = text;
  box.hidden = false;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => { box.hidden = true; }, 6000);
}

function showCount(cart) {
  $("#cart-count").textContent = cart.count;
}

function header() {
  if (!$(".site-header")) return;
  document.querySelectorAll(state.user ? ".guest-only" : ".member-only").forEach((element) => element.remove());
  if (state.user) $("#account-link").textContent = state.user.name;
  showCount(state.cart);
}

function card(product) {
  return h("li", { class: "product-card", "data-testid": "product-card" },
    h("a", { href: `/product/${product.slug}`, class: "card-link" },
      art(product, "card-art"),
      h("h3", { class: "card-name", "data-testid": "product-name" }, product.name)),
    h("p", { class: "card-price" }, money(product.cents)));
}

function catalogue() {
  const search = $("#search"), category = $("#category-filter");
  let sort = "", latest = 0;
  const load = async () => {
    const mine = ++latest;
    const found = await get("/api/products", { query: search.value, category: category.value, sort });
    if (mine !== latest) return; // an older answer that came late
    $("#products").replaceChildren(...found.map(card));
    $("#result-count").textContent = found.length === 1 ? "1 product" : `${found.length} products`;
  };
  category.value = state.query.category ?? "";
  search.addEventListener("input", later(120, load));
  category.addEventListener("change", load);
  combobox($("#sort-trigger"), $("#sort-list"), (value) => { sort = value; load(); });
  $("#filter-form").addEventListener("submit", (event) => { event.preventDefault(); load(); });
  slashFocuses(search);
  load();
}

function login() {
  $("#login-error").hidden = !state.error;
}

function tabs() {
  const all = [...document.querySelectorAll("[role=tab]")];
  all.forEach((tab) => tab.addEventListener("click", () => all.forEach((other) => {
    other.setAttribute("aria-selected", String(other === tab));
    document.getElementById(other.getAttribute("aria-controls")).hidden = other !== tab;
  })));
}

class StarRating extends HTMLElement {
  connectedCallback() {
    const root = this.attachShadow({ mode: "open" });
    root.append(h("style", {}, "button{font:inherit;font-size:1.3rem;line-height:1;border:0;background:none;padding:.15rem;color:#8a7a66;cursor:pointer}button[aria-pressed=true]{color:#a4502f}p{margin:.2rem 0;font-size:.9rem}"));
    const said = h("p", { id: "rating-status", role: "status" }, "Not rated yet");
    const stars = [1, 2, 3, 4, 5].map((n) => h("button", {
      type: "button", class: "star", id: `star-${n}`, "aria-label": n === 1 ? "1 star" : `${n} stars`, "aria-pressed": "false",
      onclick: async () => {
        const { stars: given } = await post("/api/ratings", { slug: state.product.slug, stars: n });
        stars.forEach((star, i) => star.setAttribute("aria-pressed", String(i < given)));
        said.textContent = `You gave ${given} of 5`;
      },
    }, "★"));
    root.append(h("div", { role: "group", "aria-label": "Your rating" }, ...stars), said);
  }
}

function product() {
  const it = state.product;
  document.title = `${it.name} – Fern & Kiln`;
  for (const id of ["#product-name", "#crumb-name"]) $(id).textContent = it.name;
  $("#product-price").textContent = money(it.cents);
  $("#product-picture").append(art(it, "big-art"));
  $("#panel-description").textContent = it.blurb;
  $("#panel-care").textContent = it.care;
  tabs();
  customElements.define("star-rating", StarRating);
  $("#buy-form").addEventListener("submit", async (event) => {
    event.preventDefault();
    const sent = { slug: it.slug, quantity: $("#qty").value, gift_wrap: $("#gift-wrap").checked };
    showCount(await post("/api/cart", sent));
    toast(`${it.name} is in your cart`);
  });
  $("#add-to-wishlist").addEventListener("click", async () => {
    await post("/api/wishes", { slug: it.slug });
    toast(`${it.name} is on your wish list`);
  });
}

function cart() {
  const change = async (slug, quantity) => show(await post("/api/cart/quantity", { slug, quantity }));
  const row = (line) => h("tr", { class: "cart-row", "data-testid": "cart-line" },
    h("td", { class: "item-name" }, h("a", { href: `/product/${line.slug}` }, line.name),
      line.gift_wrap ? h("span", { class: "tag gift-line" }, "Gift wrapped, $3.00") : null),
    h("td", {}, h("input", { type: "number", min: 1, max: 20, value: line.quantity, id: `qty-${line.slug}`,
      "aria-label": `Quantity of ${line.name}`, onchange: (event) => change(line.slug, event.target.value) })),
    h("td", { class: "num" }, money(line.cents)),
    h("td", { class: "num" }, h("button", { type: "button", class: "link-btn remove-item", id: `remove-${line.slug}`,
      "aria-label": `Remove ${line.name}`, onclick: () => change(line.slug, 0) }, "Remove")));
  const show = (now) => {
    $("#cart-table tbody").replaceChildren(...now.lines.map(row));
    $("#cart-total").textContent = money(now.cents);
    $("#cart-full").hidden = !now.count;
    $("#cart-empty").hidden = Boolean(now.count);
    showCount(now);
  };
  $("#empty-cart").addEventListener("click", async () => {
    if (confirm("Remove everything from your cart?")) show(await post("/api/cart/empty", {}));
  });
  show(state.cart);
}

function checkout() {
  const done = { address: false, card: false, engraving: "" };
  const form = $("#address-form");
  const express = () => $("#speed-express").checked;
  const refresh = () => {
    $("#order-total").textContent = money(state.cart.cents + (express() ? 600 : 0));
    $("#place-order-btn").disabled = !(done.address && done.card && $("#accept-terms").checked && state.cart.count);
  };
  $("#add-address-btn").addEventListener("click", () => { form.hidden = false; $("#add-address-btn").hidden = true; $("#full-name").focus(); });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const country = $("#country").selectedOptions[0].textContent;
    $("#address-summary").textContent = [$("#full-name").value, $("#street").value, `${$("#town").value} ${$("#postcode").value}`, country].join(", ");
    form.hidden = true;
    done.address = true;
    refresh();
  });
  $("#engraving-file").addEventListener("change", async (event) => {
    const [file] = event.target.files;
    done.engraving = file ? (await file.text()).trim() : "";
    $("#engraving-status").textContent = file ? `We will engrave: ${done.engraving}` : "No file chosen.";
  });
  window.addEventListener("message", (event) => {
    if (event.origin !== state.payment || event.data.kind !== "card") return;
    $("#card-status").textContent = `Card ending ${event.data.last4}`;
    done.card = true;
    refresh();
  });
  $("#payment-frame").src = `${state.payment}/card`;
  document.querySelectorAll("[name=speed], #accept-terms").forEach((input) => input.addEventListener("change", refresh));
  $("#place-order-btn").addEventListener("click", async () => {
    const { number } = await post("/api/orders", { express: express(), engraving: done.engraving });
    location.href = `/order/${number}`;
  });
  refresh();
}

function order() {
  $("#order-number").textContent = state.order.number;
  $("#order-amount").textContent = money(state.order.cents);
  $("#order-engraving").textContent = state.order.engraving || "none";
  $("#invoice-link").href = `/invoice/${state.order.number}.txt`;
}

function wishlist() {
  const list = $("#wish-list");
  const show = (items) => {
    list.replaceChildren(...items.map((item) => h("li", { id: `wish-${item.slug}`, draggable: "true", "data-slug": item.slug, "data-testid": `wish-${item.slug}` },
      art(item, "small-art"), h("span", { class: "wish-name" }, item.name), h("span", { class: "wish-price" }, money(item.cents)))));
    $("#next-wish").textContent = items[0]?.name ?? "nothing yet";
  };
  sortable(list, async (dragged, onto) => {
    onto.before(dragged);
    const slugs = [...list.children].map((li) => li.dataset.slug);
    await post("/api/wishes/order", { slugs });
    show(slugs.map((slug) => state.wishes.find((item) => item.slug === slug)));
  });
  show(state.wishes);
}

function account() {
  const form = $("#profile-form");
  for (const name of ["name", "email", "phone", "about"]) form.elements[name].value = state.profile[name];
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const saved = await post("/api/profile", Object.fromEntries(new FormData(form)));
    $("#account-link").textContent = saved.name;
    $("#profile-status").textContent = "Your profile is up to date";
  });
}

function help() {
  $("#track-form").addEventListener("submit", async (event) => {
    event.preventDefault();
    const { status } = await get("/api/track", { number: $("#track-number").value });
    $("#track-status").textContent = status;
  });
}

function newsletter() {
  $("#newsletter-form").addEventListener("submit", async (event) => {
    event.preventDefault();
    const { email } = await post("/api/newsletter", { email: $("#newsletter-email").value });
    $("#newsletter-status").textContent = `We will write to ${email}`;
  });
}

const pages = { catalogue, login, product, cart, checkout, order, wishlist, account, help, newsletter };
header();
pages[document.body.dataset.page]?.();
