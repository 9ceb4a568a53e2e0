// The search page. It reads searchdata.js: [page, anchor, title, heading, rank, text, other words for it] for each section.
document.addEventListener("DOMContentLoaded", () => {
  const form = document.getElementById("book-search");
  if (!form || !window.SEARCH_DATA) return;
  const { sections, words } = window.SEARCH_DATA;
  // 2,829 and 2.829 and 2829 are one number; é is e.
  const plain = (word) => word.toLowerCase().normalize("NFD").replace(/\p{Mn}/gu, "").replace(/(\d)[.,](?=\d{3}(?!\d))/g, "$1");
  const searched = sections.map(([, , title, heading, , text, other = ""]) => ({
    title: ` ${plain(title)}`, heading: ` ${plain(heading)}`, text: ` ${plain(text)}`, other: ` ${plain(other)}`, top: title === heading }));
  const list = document.getElementById("search-list"), count = document.getElementById("search-count");
  const field = document.getElementById("search-words");

  // A number is found whole, a word from its beginning; a whole word counts more, above all in what a page or
  // a part is called, or is called by those who ask for it.
  const escape = (part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const find = (part) => {
    const start = /^\d/.test(part) ? `(?<![\\d.,])${escape(part)}(?![\\d])` : `(?<![\\p{L}\\d])${escape(part)}`;
    return { start: new RegExp(start, "u"), whole: new RegExp(`${start}(?![\\p{L}\\d])`, "u") };
  };
  const weigh = (one, { start, whole }) => {
    if (whole.test(one.other)) return 16;
    if (whole.test(one.heading)) return one.top ? 12 : 9;
    if (whole.test(one.text)) return 6;
    if (start.test(one.heading)) return one.top ? 4 : 3;
    if (whole.test(one.title)) return 2;
    return start.test(one.text) || start.test(one.title) || start.test(one.other) ? 1 : 0;
  };
  const score = (place, patterns) => {
    let points = 0;
    for (const pattern of patterns) {
      const weight = weigh(searched[place], pattern);
      if (!weight) return null;
      points += weight;
    }
    return points / patterns.length + sections[place][4];
  };
  const cut = (text, patterns) => {
    const at = Math.max(0, plain(text).search(patterns[0].start) - 80);
    return `${at ? "…" : ""}${text.slice(at, at + 220).trim()}…`;
  };
  const draw = () => {
    const parts = plain(field.value).split(/\s+/).filter(Boolean);
    list.replaceChildren();
    if (!parts.length) { count.textContent = ""; return; }
    const patterns = parts.map(find);
    const found = sections.map((section, place) => ({ section, points: score(place, patterns) })).filter((one) => one.points !== null)
      .sort((one, other) => other.points - one.points);
    count.textContent = found.length ? words.found.replace("{n}", found.length) : words.none;
    for (const { section: [page, anchor, title, heading, , text] } of found.slice(0, 60)) {
      const item = list.appendChild(document.createElement("li"));
      const link = item.appendChild(document.createElement("a"));
      link.href = page + (anchor ? `#${anchor}` : "");
      link.textContent = heading && heading !== title ? `${title}: ${heading}` : title;
      item.appendChild(document.createElement("p")).textContent = cut(text, patterns);
    }
    const catalogue = document.getElementById("search-catalogue");
    catalogue.hidden = false;
    catalogue.href = `book/catalogue.html?words=${encodeURIComponent(field.value)}`;
  };
  let waiting;
  field.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(draw, 150); });
  form.addEventListener("submit", (event) => { event.preventDefault(); draw(); });
  field.value = new URLSearchParams(location.search).get("q") || "";
  draw();
});
