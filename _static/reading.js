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
    };
    button.addEventListener("click", () => set(document.documentElement.dataset.code !== "shown"));
    set(recall("code") === "shown");
    place.prepend(button);
  }

  // The contents stand beside a wide page; there the button folds them.
  const contents = document.getElementById("pst-secondary-sidebar");
  document.querySelector(".secondary-toggle")?.addEventListener("click", (event) => {
    if (!contents || !matchMedia("(min-width: 1200px)").matches) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    contents.classList.toggle("folded");
  }, true);

  // A table is a stop of the keyboard and casts a shadow only where it can scroll.
  const boxes = document.querySelectorAll(".released-table, .pst-scrollable-table-container");
  const fit = () => {
    for (const box of boxes) {
      const scrolls = box.scrollWidth > box.clientWidth + 1;
      box.classList.toggle("scrolls", scrolls);
      for (const [name, value] of [["tabindex", "0"], ["role", "region"]]) scrolls ? box.setAttribute(name, value) : box.removeAttribute(name);
      const caption = box.querySelector("caption");
      if (scrolls && caption?.id) box.setAttribute("aria-labelledby", caption.id);
      else if (scrolls) box.setAttribute("aria-label", document.body.dataset.table || "table");
      else { box.removeAttribute("aria-labelledby"); box.removeAttribute("aria-label"); }
    }
  };
  fit();
  addEventListener("resize", fit);
});
