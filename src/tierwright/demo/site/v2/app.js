import { $, art, combobox, get, h, later, money, post, slashFocuses, sortable, state } from "/static/shared/kit.js";

let snackTimer;
function snack(text) {
  const box = $(".Snackbar_root__t6y");
  box.textContent = text;
  box.hidden = false;
  clearTimeout(snackTimer);
  snackTimer = setTimeout(() => { box.hidden = true; }, 6000);
}

function showCount(basket) {
  $(".BasketPill_count__z8").textContent = basket.count;
}

function chrome() {
  if (!$(".TopBar_root__a81x")) return;
  const unwanted = state.user ? "guest" : "member";
  document.querySelectorAll(`[data-when=${unwanted}]`).forEach((element) => element.remove());
  if (state.user) $(".UserChip_root__q2p8").textContent = state.user.name;
  showCount(state.cart);
}

function tile(product) {
  return h("a", { class: "Tile_root__tl", href: `/product/${product.slug}`, "data-testid": "product-card" },
    art(product, "Tile_art__tl3"),
    h("span", { class: "Tile_cost__tl5" }, money(product.cents)),
    h("span", { class: "Tile_name__tl7", "data-testid": "product-name" }, product.name));
}

function catalogue() {
  const search = $(".Search_input__x2"), collection = $("#flt-collection");
  let sort = "", latest = 0;
  const load = async () => {
    const mine = ++latest;
    const found = await get("/api/products", { query: search.value, category: collection.value, sort });
    if (mine !== latest) return; // an older answer that came late
    $(".Grid_root__g6").replaceChildren(...found.map(tile));
    $(".Listing_count__u8").textContent = found.length === 1 ? "1 product" : `${found.length} products`;
  };
  collection.value = state.query.collection ?? "";
  search.addEventListener("input", later(120, load));
  collection.addEventListener("change", load);
  combobox($(".Picker_button__y2"), $(".Picker_popover__y9"), (value) => { sort = value; load(); });
  $(".Search_root__x7").addEventListener("submit", (event) => { event.preventDefault(); load(); });
  slashFocuses(search);
  load();
}

function login() {
  $(".Banner_error__v3").hidden = !state.error;
}

const WIDGET = "*{font:inherit;box-sizing:border-box}button{min-width:2.4rem;min-height:2.4rem;border:1px solid #b9c7c0;border-radius:8px;background:#fff;cursor:pointer}input{width:4rem;min-height:2.4rem;text-align:center;border:1px solid #b9c7c0;border-radius:8px}label{display:flex;gap:.5rem;align-items:center}.on{color:#c2771a}p{margin:.3rem 0}";

class QuantityStepper extends HTMLElement {
  connectedCallback() {
    const root = this.attachShadow({ mode: "open" });
    this.input = h("input", { type: "number", min: 1, max: 20, value: 1, part: "amount" });
    const step = (by) => { this.input.value = Math.min(20, Math.max(1, Number(this.input.value) + by)); };
    root.append(h("style", {}, WIDGET + ":host{display:flex;gap:.5rem;align-items:center}"), h("label", {}, "Quantity", this.input),
      h("button", { type: "button", "aria-label": "One less", onclick: () => step(-1) }, "−"),
      h("button", { type: "button", "aria-label": "One more", onclick: () => step(1) }, "+"));
  }

  get amount() {
    return this.input.value;
  }
}

class RateThis extends HTMLElement {
  connectedCallback() {
    const root = this.attachShadow({ mode: "open" });
    const said = h("p", { role: "status", class: "said" }, "Not rated yet");
    const marks = [1, 2, 3, 4, 5].map((n) => h("button", {
      type: "button", "aria-label": `Rate ${n} ${n === 1 ? "star" : "stars"}`,
      onclick: async () => {
        const { stars } = await post("/api/ratings", { slug: state.product.slug, stars: n });
        marks.forEach((mark, i) => mark.classList.toggle("on", i < stars));
        said.textContent = `You gave ${stars} of 5`;
      },
    }, "★"));
    root.append(h("style", {}, WIDGET), h("p", {}, "Own one? Rate it"), h("div", { class: "marks" }, ...marks), said);
  }
}

function tabs() {
  const all = [...document.querySelectorAll("[role=tab]")];
  all.forEach((tab) => tab.addEventListener("click", () => all.forEach((other) => {
    other.setAttribute("aria-selected", String(other === tab));
    document.getElementById(other.getAttribute("aria-controls")).hidden = other !== tab;
  })));
}

function product() {
  const it = state.product;
  document.title = `${it.name} · Fern & Kiln`;
  $(".Detail_title__d1").textContent = it.name;
  $(".Detail_cost__d2").textContent = money(it.cents);
  $(".Detail_media__d5").append(art(it, "Detail_art__d6"));
  $("#tp-r1").textContent = it.blurb;
  $("#tp-r3").textContent = it.care;
  tabs();
  customElements.define("quantity-stepper", QuantityStepper);
  customElements.define("rate-this", RateThis);
  $(".Buy_actions__b8 .Button_primary__3kQ").addEventListener("click", async () => {
    showCount(await post("/api/cart", { slug: it.slug, quantity: $("quantity-stepper").amount }));
    snack(`${it.name} is in your basket`);
  });
  $(".Buy_actions__b8 .Button_ghost__3kR").addEventListener("click", async () => {
    await post("/api/wishes", { slug: it.slug });
    snack(`${it.name} is saved to your favourites`);
  });
}

function cart() {
  const change = async (slug, quantity) => show(await post("/api/cart/quantity", { slug, quantity }));
  const line = (it) => h("div", { class: "Line_root__ln", role: "listitem", "data-testid": "cart-line" },
    art(it.product, "Line_art__ln2"),
    h("div", { class: "Line_text__ln4" }, h("a", { href: `/product/${it.slug}` }, it.name), h("div", { class: "Line_cost__ln6" }, money(it.cents))),
    h("input", { class: "Input_root__i1 Line_amount__ln7", type: "number", min: 1, max: 20, value: it.quantity, "aria-label": `${it.name}, quantity`,
      onchange: (event) => change(it.slug, event.target.value) }),
    h("button", { type: "button", class: "Link_quiet__77ab", "aria-label": `Delete ${it.name}`, onclick: () => change(it.slug, 0) }, "Delete"));
  const show = (now) => {
    $(".Basket_lines__bk2").replaceChildren(...now.lines.map(line));
    $(".Basket_sum__bk3").textContent = money(now.cents);
    $(".Basket_body__bk").hidden = !now.count;
    $(".Empty_note__em").hidden = Boolean(now.count);
    showCount(now);
  };
  $(".Basket_summary__bk7 .Button_ghost__3kR").addEventListener("click", async () => {
    if (confirm("Clear the whole basket?")) show(await post("/api/cart/empty", {}));
  });
  show(state.cart);
}

function checkout() {
  const done = { address: false, card: false, engraving: "" };
  const dialog = $("dialog"), form = $("dialog form"), confirmButton = $(".Checkout_layout__co > .Card_root__cd .Button_primary__3kQ");
  const express = () => $("[name=ship][value=express]").checked;
  const refresh = () => {
    $(".Checkout_sum__co8").textContent = money(state.cart.cents + (express() ? 600 : 0));
    confirmButton.disabled = !(done.address && done.card && $("[name=agree]").checked && state.cart.count);
  };
  $(".Checkout_layout__co .Button_ghost__3kR").addEventListener("click", () => dialog.showModal());
  dialog.addEventListener("close", () => {
    if (dialog.returnValue !== "save") return;
    const { recipient, line1, city, zip, nation } = form.elements;
    $(".AddressLine_text__ad").textContent = [recipient.value, line1.value, `${city.value} ${zip.value}`, nation.value].join(", ");
    done.address = true;
    refresh();
  });
  $("#upl-r4").addEventListener("change", async (event) => {
    const [file] = event.target.files;
    done.engraving = file ? (await file.text()).trim() : "";
    $(".Upload_state__up3").textContent = file ? `We will engrave: ${done.engraving}` : "No file chosen.";
  });
  window.addEventListener("message", (event) => {
    if (event.origin !== state.payment || event.data.kind !== "card") return;
    $("[data-testid=card-status]").textContent = `Card ending ${event.data.last4}`;
    done.card = true;
    refresh();
  });
  $(".PayBox_frame__py2").src = `${state.payment}/card`;
  document.querySelectorAll("[name=ship], [name=agree]").forEach((input) => input.addEventListener("change", refresh));
  confirmButton.addEventListener("click", async () => {
    const { number } = await post("/api/orders", { express: express(), engraving: done.engraving });
    location.href = `/order/${number}`;
  });
  refresh();
}

function order() {
  $(".Receipt_no__rc4").textContent = state.order.number;
  $(".Receipt_paid__rc2").textContent = money(state.order.cents);
  $(".Receipt_words__rc6").textContent = state.order.engraving || "none";
  $(".Receipt_file__rc8").href = `/invoice/${state.order.number}.txt`;
}

function wishlist() {
  const list = $(".Favs_list__fv");
  const show = (items) => {
    list.replaceChildren(...items.map((item) => h("li", { class: "Favs_item__fv3", draggable: "true", "data-testid": `wish-${item.slug}`, "data-slug": item.slug },
      h("span", {}, item.name), art(item, "Favs_art__fv5"))));
    $(".UpNext_name__un").textContent = items[0]?.name ?? "nothing yet";
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
  const form = $("main form");
  for (const name of ["name", "email", "phone", "about"]) form.elements[name].value = state.profile[name];
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const saved = await post("/api/profile", Object.fromEntries(new FormData(form)));
    $(".UserChip_root__q2p8").textContent = saved.name;
    $(".Form_outcome__fo").textContent = "Your profile is up to date";
  });
}

function track() {
  $("form").addEventListener("submit", async (event) => {
    event.preventDefault();
    const { status } = await get("/api/track", { number: $("#tr-r1").value });
    $(".Track_state__tk").textContent = status;
  });
}

function newsletter() {
  $("form").addEventListener("submit", async (event) => {
    event.preventDefault();
    const { email } = await post("/api/newsletter", { email: $("[name=address]").value });
    $(".Form_outcome__fo").textContent = `We will write to ${email}`;
  });
}

const pages = { catalogue, login, product, cart, checkout, order, wishlist, account, track, newsletter };
chrome();
pages[document.body.dataset.page]?.();
