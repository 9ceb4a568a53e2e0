/* The catalogue page: filters the numbers that the page carries, and draws fifty at a time. */
document.addEventListener("DOMContentLoaded", () => {
  const holder = document.getElementById("catalogue-data");
  if (!holder) return;
  const { entries, words, tables, uses } = JSON.parse(holder.textContent);
  const find = (name) => document.getElementById(`catalogue-${name}`);
  const mark = (number) => number.toLocaleString(document.documentElement.lang || "en");
  const plain = (word) => word.toLowerCase().normalize("NFD").replace(/\p{Mn}/gu, "");
  const searched = entries.map((entry) => plain([entry.id, entry.value, entry.what, entry.period, entry.section, Number(entry.shy) ? "" : entry.quote].join(" ")));
  const STEP = 50;
  let found = [];
  let shown = 0;

  const add = (parent, name, content, className) => {
    const element = parent.appendChild(document.createElement(name));
    if (content) element.textContent = content;
    if (className) element.className = className;
    return element;
  };

  const draw = () => {
    const list = find("list");
    for (const entry of found.slice(shown, shown + STEP)) {
      const item = add(list, "li");
      item.id = entry.id;
      const head = add(item, "p", "", "catalogue-head");
      add(head, "strong", entry.value);
      add(head, "span", ` ${entry.what}${entry.period ? ", " + entry.period : ""}`);
      const place = add(item, "p", "", "catalogue-place");
      add(place, "q", entry.quote).lang = "nl";
      add(place, "span", ` ${[entry.document, entry.section, entry.line && `${words.line} ${entry.line}`].filter(Boolean).join(", ")}; ${entry.id}`);
      if (entry.address) {
        const own = add(place, "a", entry.document);
        own.href = entry.address;
        own.rel = "external";
        place.insertBefore(document.createTextNode(" "), own);
      }
      const used = uses[entry.id] || [];
      if (used.length) add(place, "span", ` ${words.used} `);
      used.forEach((at, nth) => {
        const [chapter, name, title] = tables[at];
        if (nth) add(place, "span", "; ");
        add(place, "a", title).href = `chapters/${chapter}.html#about-${name}`;
      });
      if (entry.standing) {
        const why = add(item, "p", "", "catalogue-place");
        add(why, "strong", entry.standing);
        add(why, "span", " ");
        for (const [said, address] of entry.why) {
          const part = add(why, address ? "a" : "span", said);
          if (address) part.href = address;
        }
        add(why, "span", "; ");
        add(why, "a", words.line).href = entry.line_at;
      }
      for (const name of entry.but ? entry.but.split("|") : []) {
        add(place, "span", ` ${words.but} `);
        add(place, "a", name).href = `#${name}`;
      }
    }
    shown = Math.min(shown + STEP, found.length);
    find("more").hidden = shown >= found.length;
  };

  const matches = (entry, place, wanted) =>
    wanted.parts.every((part) => searched[place].includes(part)) &&
    (!wanted.document || entry.document === wanted.document) &&
    (!wanted.kind || entry.kind === wanted.kind) &&
    (!wanted.but || entry.but) &&
    (!wanted.standing || entry.standing === wanted.standing) &&
    (!wanted.year || covers(entry.period, wanted.year));

  const covers = (period, year) => {
    const years = (period.match(/\d{4}/g) || []).map(Number);
    return years.length > 0 && years[0] <= year && year <= years[years.length - 1];
  };

  const search = () => {
    const year = find("year").value.trim();
    const wanted = {
      parts: plain(find("words").value).split(/\s+/).filter(Boolean), document: find("document").value, kind: find("kind").value,
      but: find("but").checked, standing: find("standing") ? find("standing").value : "", year: /^\d{4}$/.test(year) ? Number(year) : 0,
    };
    found = entries.filter((entry, place) => matches(entry, place, wanted));
    shown = 0;
    find("list").replaceChildren();
    find("count").textContent = found.length ? words.found.replace("{n}", mark(found.length)).replace("{all}", mark(entries.length)) : words.none;
    draw();
  };

  let waiting;
  const soon = () => { clearTimeout(waiting); waiting = setTimeout(search, 120); };
  for (const name of ["words", "year"]) find(name).addEventListener("input", soon);
  for (const name of ["document", "kind", "but", "standing"]) find(name)?.addEventListener("change", search);
  find("more").addEventListener("click", () => {
    const first = shown;
    draw();
    const item = find("list").children[first];
    if (item) { item.tabIndex = -1; item.focus({ preventScroll: true }); }
  });
  // An entry can be linked to: catalogue.html#sm20-001
  const follow = () => {
    const name = decodeURIComponent(location.hash.slice(1));
    if (!entries.some((entry) => entry.id === name)) return;
    found = entries.filter((entry) => entry.id === name);
    shown = 0;
    find("list").replaceChildren();
    find("words").value = name;
    find("count").textContent = words.found.replace("{n}", 1).replace("{all}", mark(entries.length));
    draw();
    const item = document.getElementById(name);
    item.tabIndex = -1;
    item.scrollIntoView({ block: "center" });
    item.focus({ preventScroll: true });
  };
  addEventListener("hashchange", follow);
  // A search can be linked to: catalogue.html?words=nigerian&year=2011
  for (const [name, value] of new URLSearchParams(location.search)) {
    const field = ["words", "document", "kind", "year", "but", "standing"].includes(name) && find(name);
    if (field) field[field.type === "checkbox" ? "checked" : "value"] = value;
  }
  document.getElementById("catalogue").addEventListener("submit", (event) => event.preventDefault());
  search();
  follow();
});
