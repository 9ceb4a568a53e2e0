// The menu of editions: this page in each of them, or its front page where it has no such page.
document.addEventListener("DOMContentLoaded", () => {
  const menu = document.querySelector(".edition-switch");
  const editions = window.MONITOR_EDITIONS;
  if (!menu || !editions) return;
  const { edition, page, lead } = menu.dataset;
  const list = menu.querySelector("ul");
  const items = editions.map((one) => {
    const item = document.createElement("li");
    const link = item.appendChild(document.createElement("a"));
    const keeps = one.pages.includes(page);
    link.textContent = one.period === one.edition.replace("-", "–") ? one.period : `${one.edition} (${one.period})`;
    link.href = lead + (one.folder ? `${one.folder}/` : "") + (keeps ? page : "book/index.html");
    if (one.edition === edition) link.setAttribute("aria-current", "page");
    // A section of the same name is found again.
    if (keeps) link.addEventListener("click", () => { link.hash = location.hash; });
    return item;
  });
  list.replaceChildren(...items);
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.open) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
});
