(() => {
  "use strict";

  const byId = (id) => document.getElementById(id);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];

  // --- The list: filter by status, search by name or test ---

  // File systems differ in how they compose accents; people who type do not care.
  const fold = (text) => text.normalize("NFC").toLowerCase();

  const pairs = all(".pair").map((element) => ({
    element,
    status: element.dataset.status,
    name: fold(`${element.dataset.name} ${element.dataset.test ?? ""}`),
  }));
  const groups = all(".group");
  const filters = all(".filter");
  const search = byId("search");
  let wantedStatus = "";

  function applyFilter() {
    const wanted = fold(search.value.trim());
    let shown = 0;
    for (const { element, status, name } of pairs) {
      const fits = (!wantedStatus || status === wantedStatus) && name.includes(wanted);
      element.hidden = !fits;
      shown += fits;
    }
    for (const group of groups) group.hidden = !group.querySelector(".pair:not([hidden])");
    byId("nothing").hidden = shown > 0;
    byId("shown").textContent = `${shown} of ${pairs.length} shown`;
  }

  function filterBy(status) {
    wantedStatus = status;
    for (const button of filters) button.ariaPressed = String(button.dataset.filter === status);
    applyFilter();
  }

  function showAll() {
    search.value = "";
    filterBy("");
    search.focus();
  }

  function onSearchKey(event) {
    if (event.key !== "Escape") return;
    event.preventDefault();
    if (!search.value) search.blur();
    search.value = "";
    applyFilter();
  }

  function startList() {
    byId("filters").disabled = false;
    byId("search-box").hidden = false;
    search.addEventListener("input", applyFilter);
    search.addEventListener("keydown", onSearchKey);
    byId("reset").addEventListener("click", showAll);
    for (const button of filters) {
      const { filter } = button.dataset;
      button.addEventListener("click", () => filterBy(filter === wantedStatus ? "" : filter));
    }
    applyFilter();
  }

  // --- The detail view: one dialog, filled from the card that it shows ---

  const detail = byId("detail");
  const panes = byId("detail-panes");
  const cards = all(".card").filter((card) => card.querySelector(".tile"));
  let current = null;

  function readRegions(card) {
    return all(".region", card).map((item) => ({
      item,
      number: item.dataset.number,
      roles: item.dataset.on.split(" "),
      place: item.dataset.box.split(" ").map(Number),
      baselinePlace: item.dataset.baselineBox.split(" ").map(Number),
    }));
  }

  // On the baseline a region stands higher or lower where rows were inserted or removed above it.
  function buildBox({ number, place, baselinePlace }, role) {
    const where = role === "baseline" ? baselinePlace : place;
    const box = document.createElement("div");
    box.className = "box";
    box.dataset.number = number;
    ["left", "top", "width", "height"].forEach((side, i) => (box.style[side] = `${where[i]}%`));
    return box;
  }

  const copyOf = (id) => byId(id).content.firstElementChild.cloneNode(true);

  // Every pane gets a canvas of the same size, so that boxes and scroll positions agree.
  function buildPane({ href, dataset: { role, label, width, height, mask } }, canvasSize, regions) {
    const pane = copyOf("pane-template");
    const canvas = pane.querySelector(".canvas");
    const image = pane.querySelector("img");
    pane.dataset.role = role;
    pane.querySelector(".pane-head").textContent = `${label} · ${width} × ${height}`;
    pane.querySelector(".pane-scroll").ariaLabel = label;
    canvas.style.aspectRatio = canvasSize.join(" / ");
    canvas.style.setProperty("--actual", `${canvasSize[0]}px`);
    image.style.width = `${(width / canvasSize[0]) * 100}%`;
    image.alt = `${label} of ${current.dataset.name}`;
    image.src = href;
    if (mask) {
      const veil = image.cloneNode();
      veil.className = "mask";
      veil.alt = "";
      veil.src = mask;
      canvas.append(veil);
    }
    canvas.append(...regions.filter(({ roles }) => roles.includes(role)).map((region) => buildBox(region, role)));
    return pane;
  }

  function buildRegion(region) {
    const entry = copyOf("region-template");
    const button = entry.firstElementChild;
    button.dataset.number = region.number;
    button.append(...region.item.cloneNode(true).childNodes);
    button.addEventListener("click", () => reveal(region));
    return entry;
  }

  function frontPane() {
    const { view } = detail.dataset;
    return panes.querySelector(view === "all" ? ".pane-scroll" : `[data-role="${view}"] .pane-scroll`);
  }

  // Scrolls the region to the middle; the style sheet makes what is current flash.
  function reveal({ number, place: [left, top, width, height] }) {
    for (const marked of all("[aria-current]", detail)) marked.ariaCurrent = null;
    for (const marked of all(`[data-number="${number}"]`, detail)) marked.ariaCurrent = "true";
    const pane = frontPane();
    const canvas = pane.firstElementChild;
    const x = canvas.offsetLeft + ((left + width / 2) / 100) * canvas.offsetWidth;
    const y = canvas.offsetTop + ((top + height / 2) / 100) * canvas.offsetHeight;
    pane.scrollTo(x - pane.clientWidth / 2, y - pane.clientHeight / 2);
  }

  function setOption(option, value) {
    detail.dataset[option] = value;
    for (const button of all(`[data-set="${option}"]`, detail)) {
      button.ariaPressed = String(button.dataset.value === value);
    }
  }

  // A page that does not fit as a whole opens where it changed; a zoom that a person chose stays.
  let chosenZoom = "";

  function suitZoom([width, height]) {
    const pane = frontPane();
    const fitted = (height * pane.clientWidth) / width;
    setOption("zoom", chosenZoom || (fitted > pane.clientHeight ? "actual" : "fit"));
  }

  function offerViews(roles) {
    const views = roles.length > 1 ? ["all", ...roles] : ["all"];
    for (const button of all("[data-set=view]", detail)) button.hidden = !views.includes(button.dataset.value);
    byId("detail-views").hidden = views.length < 2;
    if (!views.includes(detail.dataset.view)) setOption("view", views.at(-1));
  }

  function fillHead(card) {
    const siblings = reachable();
    byId("detail-name").textContent = card.dataset.name;
    byId("detail-badge").replaceChildren(card.querySelector(".badge").cloneNode(true));
    byId("detail-reasons").replaceChildren(card.querySelector(".reasons, .tile-error").cloneNode(true));
    byId("detail-position").textContent = `${siblings.indexOf(card) + 1} of ${siblings.length}`;
    byId("detail-steps").hidden = siblings.length < 2;
  }

  function show(card) {
    current = card;
    const tiles = all(".tile", card);
    const canvasSize = ["width", "height"].map((side) => Math.max(...tiles.map((tile) => tile.dataset[side])));
    const regions = readRegions(card);
    const takesFocus = !detail.open || panes.contains(document.activeElement);
    fillHead(card);
    offerViews(tiles.map((tile) => tile.dataset.role));
    panes.replaceChildren(...tiles.map((tile) => buildPane(tile, canvasSize, regions)));
    byId("detail-regions").replaceChildren(...regions.map(buildRegion));
    byId("detail-boxes").hidden = !regions.length;
    if (!detail.open) detail.showModal();
    suitZoom(canvasSize);
    if (takesFocus) frontPane().focus();
    if (regions.length) reveal(regions[0]);
  }

  // A scroll position that was copied raises its own event, which must not be copied back.
  const echoes = new WeakSet();

  function syncScroll({ target }) {
    if (echoes.delete(target)) return;
    for (const pane of all(".pane-scroll", panes)) {
      const before = [pane.scrollLeft, pane.scrollTop];
      pane.scrollTo(target.scrollLeft, target.scrollTop);
      if (before[0] !== pane.scrollLeft || before[1] !== pane.scrollTop) echoes.add(pane);
    }
  }

  // --- Moving between pairs; the address says which one is open ---

  const narrow = matchMedia("(max-width: 800px)");
  const steps = { j: 1, ArrowRight: 1, k: -1, ArrowLeft: -1 };
  const linkOf = (card) => card.querySelector(".permalink");
  const cardInHash = () => cards.find((card) => linkOf(card).hash === location.hash);

  // The pairs that the filter leaves, unless a link led to one outside of it.
  function reachable() {
    return current.hidden ? cards : cards.filter((card) => !card.hidden);
  }

  function step(by) {
    const siblings = reachable();
    const next = siblings.at((siblings.indexOf(current) + by) % siblings.length);
    history.replaceState(history.state, "", linkOf(next).hash);
    show(next);
  }

  function enter(card, role) {
    history.pushState({ entered: true }, "", linkOf(card).hash);
    setOption("view", narrow.matches ? role : "all");
    show(card);
  }

  function follow() {
    const card = cardInHash();
    if (card) return show(card);
    if (detail.open) detail.close();
    panes.replaceChildren();
    if (current) linkOf(current).focus();
    current = null;
  }

  // Goes back if this page opened the dialog, so that no dead entry stays in the history.
  function leave() {
    if (!cardInHash()) return;
    if (history.state?.entered) return history.back();
    history.replaceState(null, "", location.pathname + location.search);
    follow();
  }

  function onOpenerClick(event) {
    const opener = event.target.closest(".tile, .permalink");
    const card = opener?.closest(".card");
    const asksForTab = event.ctrlKey || event.metaKey || event.shiftKey || event.altKey;
    if (asksForTab || !cards.includes(card)) return;
    event.preventDefault();
    enter(card, opener.dataset.role ?? all(".tile", card).at(-1).dataset.role);
  }

  function onToolClick(event) {
    const { step: by, set, value } = event.target.closest("button")?.dataset ?? {};
    if (by) step(Number(by));
    if (set) setOption(set, value);
    if (set === "zoom") chosenZoom = value;
    if (set) detail.querySelector(".region-button[aria-current]")?.click();
  }

  // Arrows belong to a focused pane that is wider than what it shows.
  function scrollsSideways({ key, target }) {
    return key.startsWith("Arrow") && target.matches(".pane-scroll") && target.scrollWidth > target.clientWidth;
  }

  function onKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (!detail.open && event.key === "/" && event.target !== search) {
      event.preventDefault();
      search.focus();
    } else if (detail.open && event.key in steps && !scrollsSideways(event)) {
      step(steps[event.key]);
    }
  }

  function startDetail() {
    setOption("view", "all");
    setOption("zoom", "fit");
    byId("detail-close").addEventListener("click", () => detail.close());
    detail.addEventListener("click", onToolClick);
    detail.addEventListener("close", leave);
    panes.addEventListener("scroll", syncScroll, true);
    document.addEventListener("click", onOpenerClick);
    document.addEventListener("keydown", onKey);
    window.addEventListener("hashchange", follow);
    follow();
  }

  // An empty report has no toolbar and nothing to open.
  if (search) {
    startList();
    startDetail();
  }
})();
