// What a page does for its reader; without JavaScript everything is there, unfolded.
document.addEventListener("DOMContentLoaded", () => {
  const remember = (name, value) => { try { localStorage.setItem(name, value); } catch { /* private window */ } };
  const recall = (name) => { try { return localStorage.getItem(name); } catch { return null; } };

  // One switch for all code: a reader sees none, a reviewer all.
  const codes = document.querySelectorAll("div.cell details.hide, div.cell > .cell_input");
  const place = document.querySelector(".bd-header-article .article-header-buttons");
  if (codes.length && place) {
    const button = document.createElement("button");
    button.className = "btn btn-sm code-switch";
    button.type = "button";
    const words = document.body.dataset;
    const set = (isReviewer) => {
      document.documentElement.dataset.code = isReviewer ? "shown" : "hidden";
      button.setAttribute("aria-pressed", String(isReviewer));
      button.textContent = isReviewer ? words.hideCode : words.showCode;
      for (const code of codes) if (code.tagName === "DETAILS") code.open = isReviewer;
      remember("code", isReviewer ? "shown" : "hidden");
      if (isReviewer) for (const part of document.querySelectorAll("section.made-up-part")) part.openPart?.();
      dispatchEvent(new Event("resize"));
    };
    button.addEventListener("click", () => set(document.documentElement.dataset.code !== "shown"));
    set(recall("code") === "shown");
    place.prepend(button);
  }

  // The other language opens where one is: at the same section, with the same question.
  document.querySelector(".language-switch")?.addEventListener("click", (event) => {
    const above = [...document.querySelectorAll("article section[id]")].filter((part) => part.getBoundingClientRect().top < innerHeight / 3);
    const link = event.currentTarget;
    link.search = location.search;
    link.hash = scrollY > 0 && above.length ? above.pop().id : location.hash;
  });

  // The contents stand beside a wide page; there the button folds them.
  const contents = document.getElementById("pst-secondary-sidebar");
  document.querySelector(".secondary-toggle")?.addEventListener("click", (event) => {
    if (!contents || !matchMedia("(min-width: 1200px)").matches) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    contents.classList.toggle("folded");
  }, true);

  // Figure, table, data and code of one figure as tabs; left and right lead from one to the next.
  for (const [nth, block] of document.querySelectorAll(".figure-block").entries()) {
    const panels = [...block.querySelectorAll(":scope > .tab-panel")];
    const list = document.createElement("div");
    list.className = "tab-list";
    list.setAttribute("role", "tablist");
    const name = block.querySelector("figcaption .caption-number")?.textContent.trim() || block.querySelector(".figure-title")?.textContent || "";
    list.setAttribute("aria-label", name);
    const tabs = panels.map((panel, at) => {
      const tab = list.appendChild(document.createElement("button"));
      panel.id = panel.id || `panel-${nth}-${at}`;
      Object.assign(tab, { type: "button", id: `tab-${nth}-${at}`, textContent: panel.dataset.title });
      tab.setAttribute("role", "tab");
      tab.setAttribute("aria-controls", panel.id);
      panel.setAttribute("role", "tabpanel");
      panel.setAttribute("aria-labelledby", tab.id);
      tab.addEventListener("click", () => choose(at));
      return tab;
    });
    const choose = (chosen, isFocused) => {
      panels.forEach((panel, at) => panel.classList.toggle("folded", at !== chosen));
      tabs.forEach((tab, at) => { tab.setAttribute("aria-selected", String(at === chosen)); tab.tabIndex = at === chosen ? 0 : -1; });
      if (isFocused) tabs[chosen].focus();
      fit();
    };
    list.addEventListener("keydown", (event) => {
      const now = tabs.indexOf(document.activeElement);
      const to = { ArrowRight: now + 1, ArrowLeft: now - 1, Home: 0, End: tabs.length - 1 }[event.key];
      if (to === undefined || now < 0) return;
      event.preventDefault();
      choose((to + tabs.length) % tabs.length, true);
    });
    block.insertBefore(list, panels[0]);
    block.openPanel = (panel) => choose(Math.max(0, panels.indexOf(panel)));
    block.classList.add("ready");
    // What `fit` reads is declared below; the first choice is made there.
  }

  // A long table shows its first rows, and all of them when asked.
  for (const released of document.querySelectorAll(".released")) {
    const rows = released.querySelectorAll("tbody tr").length;
    if (rows <= 9) continue;
    released.classList.add("short");
    const button = document.createElement("button");
    Object.assign(button, { type: "button", className: "all-rows", textContent: (document.body.dataset.allRows || "{n}").replace("{n}", rows) });
    button.addEventListener("click", () => { released.classList.remove("short"); button.remove(); fit(); });
    released.querySelector(".released-table").after(button);
  }
  // The worked example on made-up registers is folded for a reader, and open for a reviewer.
  for (const part of document.querySelectorAll("section.made-up-part")) {
    const heading = part.querySelector("h2, h3");
    if (!heading) continue;
    const button = document.createElement("button");
    const turn = (isOpen) => {
      part.classList.toggle("closed", !isOpen);
      button.setAttribute("aria-expanded", String(isOpen));
      button.textContent = isOpen ? document.body.dataset.hideExample : document.body.dataset.showExample;
    };
    Object.assign(button, { type: "button", className: "all-rows example-switch" });
    button.addEventListener("click", () => { turn(part.classList.contains("closed")); fit(); });
    part.openPart = () => turn(true);
    heading.after(button);
    turn(recall("code") === "shown");
  }
  const follow = () => {
    const goal = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!goal) return;
    goal.closest("section.made-up-part")?.openPart?.();
    goal.closest("details.further")?.setAttribute("open", "");
    const panel = goal.closest(".tab-panel");
    panel?.closest(".figure-block")?.openPanel?.(panel);
    if (goal.closest("tbody")) goal.closest(".released")?.querySelector(".all-rows")?.click();
    goal.scrollIntoView({ block: goal.matches("tr") ? "center" : "start" });
  };

  // A table is a stop of the keyboard and casts a shadow only where it can scroll; so is code.
  const boxes = document.querySelectorAll(".released-table, .pst-scrollable-table-container");
  const listings = document.querySelectorAll("article pre");
  const fit = () => {
    for (const listing of listings) listing.scrollWidth > listing.clientWidth + 1 ? listing.setAttribute("tabindex", "0") : listing.removeAttribute("tabindex");
    for (const box of boxes) {
      const scrolls = box.scrollWidth > box.clientWidth + 1;
      box.classList.toggle("scrolls", scrolls);
      for (const [name, value] of [["tabindex", "0"], ["role", "group"]]) scrolls ? box.setAttribute(name, value) : box.removeAttribute(name);
      const caption = box.querySelector("caption");
      if (scrolls && caption?.id) box.setAttribute("aria-labelledby", caption.id);
      else if (scrolls) box.setAttribute("aria-label", document.body.dataset.table || "table");
      else { box.removeAttribute("aria-labelledby"); box.removeAttribute("aria-label"); }
    }
  };
  for (const block of document.querySelectorAll(".figure-block.ready")) block.openPanel(null);
  fit();
  addEventListener("resize", fit);
  addEventListener("hashchange", follow);
  follow();
});
