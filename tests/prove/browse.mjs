// Opens pages of a built site in Chromium and tells what it measured, page by page.
// node browse.mjs SITE MODULES CHROMIUM   reads the address of a page a line, writes a line of JSON for each
// The site is served from this process with gzip, so that weights are what a reader's browser fetches.
// A page is loaded twice: with a mouse at 1280 and with a finger at 390. The other widths and the dark
// are the same page at another size or in other colours, as where somebody turns a phone.
import { createHash } from "node:crypto";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { existsSync, readFileSync, statSync } from "node:fs";
import { extname, join } from "node:path";
import { createInterface } from "node:readline";
import { gzipSync } from "node:zlib";

const [site, modules, executablePath] = process.argv.slice(2);
const require = createRequire(join(modules, "package.json"));
const { chromium } = require("playwright-core");
const axeSource = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
// Asked by their tags, since the rules of WCAG 2.2 are not among those that axe runs by itself.
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"];

const KINDS = { ".html": "text/html; charset=utf-8", ".css": "text/css", ".js": "text/javascript", ".json": "application/json",
  ".svg": "image/svg+xml", ".png": "image/png", ".woff": "font/woff", ".woff2": "font/woff2", ".csv": "text/csv", ".ico": "image/x-icon",
  ".xml": "application/xml" };
const isPacked = new Set([".png", ".woff", ".woff2", ".xlsx"]);
const served = new Map();
const serve = (path) => {
  let file = join(site, path);
  if (existsSync(file) && statSync(file).isDirectory()) file = join(file, "index.html");
  if (!existsSync(file)) return null;
  if (!served.has(file)) {
    const kind = extname(file), content = readFileSync(file);
    const headers = { "content-type": KINDS[kind] || "application/octet-stream" };
    served.set(file, isPacked.has(kind) ? { headers, body: content } : { headers: { ...headers, "content-encoding": "gzip" }, body: gzipSync(content) });
    served.get(file).hash = createHash("sha256").update(content).digest("hex").slice(0, 16);
  }
  return served.get(file);
};
const server = createServer((request, response) => {
  const answer = serve(decodeURIComponent(new URL(request.url, "http://site").pathname));
  answer ? response.writeHead(200, answer.headers).end(answer.body) : response.writeHead(404).end("absent");
});
await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
const origin = `http://127.0.0.1:${server.address().port}`;
const browser = await chromium.launch({ executablePath, args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic",
  "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"] });

// Two windows stay open, one with a mouse and one with a finger; the cache is cold at each visit.
const open = async (width, height) => {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: "light", hasTouch: width < 1000 });
  const tab = await context.newPage();
  const network = await context.newCDPSession(tab);
  await tab.addInitScript(() => { localStorage.clear(); localStorage.setItem("mode", "light"); localStorage.setItem("theme", "light"); });
  const view = { tab, network, width, height };
  tab.on("console", (message) => message.type() === "error" && view.seen.errors.push(message.text()));
  tab.on("pageerror", (error) => view.seen.errors.push(String(error)));
  tab.on("request", (request) => {
    const address = request.url();
    if (/^(data|blob|about):/.test(address)) return;
    view.seen.asked += 1;
    view.seen[address.startsWith(origin) ? "requests" : "foreign"].push(address.replace(origin, ""));
  });
  tab.on("response", (response) => response.status() >= 400 && view.seen.errors.push(`${response.status()} ${response.url().replace(origin, "")}`));
  tab.on("requestfailed", () => { view.seen.done += 1; });
  tab.on("requestfinished", (request) => { view.seen.done += 1; view.seen.sizes.push(request.sizes().then((size) => size.responseBodySize, () => 0)); });
  return view;
};

const visit = async (view, page) => {
  const { tab, network, width, height } = view;
  await tab.setViewportSize({ width, height });
  await network.send("Network.clearBrowserCache");
  const seen = view.seen = { requests: [], foreign: [], errors: [], sizes: [], asked: 0, done: 0 };
  await tab.goto(`${origin}/${page}`, { waitUntil: "load", timeout: 180_000 });
  // Quiet: nothing is under way for a quarter of a second.
  for (let quiet = 0; quiet < 5;) {
    const asked = seen.asked;
    await tab.waitForTimeout(50);
    quiet = asked === seen.asked && seen.done >= seen.asked ? quiet + 1 : 0;
  }
  await tab.addStyleTag({ content: "*, ::before, ::after { transition: none !important; animation: none !important; scroll-behavior: auto !important; }" });
};

const resize = async (tab, width, height) => {
  await tab.setViewportSize({ width, height });
  await tab.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
};

// What a cold visit fetches, and what the console says.
const weigh = async ({ tab, seen }) => ({
  contents: (await tab.$(".secondary-toggle")) !== null,
  kb: Math.round((await Promise.all(seen.sizes)).reduce((sum, size) => sum + size, 0) / 102.4) / 10,
  requests: seen.requests.length, foreign: seen.foreign,
});

// What is wider than the window, how high the page is, where its first picture begins, and how large
// the smallest words of its pictures are.
const measure = ({ tab }) => tab.evaluate(() => ({
  height: document.documentElement.scrollHeight,
  over: document.documentElement.scrollWidth - innerWidth,
  wide: [...document.querySelectorAll("article *")].filter((element) => {
    if (element.closest(".released-table, pre, .pst-scrollable-table-container, .math, .visually-hidden")) return false;
    const at = element.getBoundingClientRect();
    return at.width > 0 && at.right > innerWidth + 1;
  }).slice(0, 3).map((element) => `${element.tagName}.${element.getAttribute("class")}`),
  picture: (document.querySelector("article figure img, article figure svg")?.getBoundingClientRect().top ?? -1) + scrollY,
  small: [...document.querySelectorAll("article svg.picture")].flatMap((picture) => {
    const scale = picture.getBoundingClientRect().width / picture.viewBox.baseVal.width;
    const sizes = [...picture.querySelectorAll("text")].map((words) => parseFloat(getComputedStyle(words).fontSize) * scale);
    return scale && sizes.length ? [[picture.closest("figure")?.id ?? "", Math.round(10 * Math.min(...sizes)) / 10]] : [];
  }).filter(([, size]) => size < 11),
}));

// Everything that a reader can unfold, at once; of a long table its first rows.
const unfold = async ({ tab }) => {
  await tab.evaluate(() => {
    for (const part of document.querySelectorAll("section.made-up-part")) part.openPart?.();
    for (const part of document.querySelectorAll("article details")) part.open = true;
    for (const panel of document.querySelectorAll(".tab-panel.folded")) panel.classList.remove("folded");
    document.documentElement.dataset.code = "shown";
    dispatchEvent(new Event("resize"));
  });
};

// What is not drawn takes axe most of its time and is nothing that it judges: it is set aside meanwhile,
// but for what a name or a control on the page refers to.
const prepare = () => {
  const REFERRING = ["aria-labelledby", "aria-describedby", "aria-controls", "aria-owns", "for", "list"];
  globalThis.setAside = () => {
    const referred = new Set([...document.querySelectorAll(REFERRING.map((name) => `[${name}]`).join())].filter((element) => element.checkVisibility())
      .flatMap((element) => REFERRING.flatMap((name) => (element.getAttribute(name) ?? "").split(/\s+/))));
    const kept = [];
    const visit = (element) => {
      // The title of a drawing is never drawn, but its name; so a drawing stays whole.
      if (!(element instanceof HTMLElement)) return;
      if (element.checkVisibility() || element.matches("dialog")) { for (const child of [...element.children]) visit(child); return; }
      if ([...element.querySelectorAll("[id]")].some((inner) => referred.has(inner.id))) return;
      const fragment = document.createDocumentFragment();
      fragment.append(...element.childNodes);
      kept.push([element, fragment]);
    };
    visit(document.body);
    return () => { for (const [element, fragment] of kept) element.append(fragment); };
  };
};

// What axe-core finds in these schemes, as {"width scheme rule": the first places}.
const check = async ({ tab }, name, schemes = ["light", "dark"], runOnly = { type: "tag", values: TAGS }) => {
  if (!(await tab.evaluate(() => "axe" in globalThis))) { await tab.evaluate(axeSource); await tab.evaluate(prepare); }
  const found = {};
  const paint = (scheme) => tab.emulateMedia({ colorScheme: scheme }).then(() => tab.evaluate((theme) => {
    Object.assign(document.documentElement.dataset, { theme, mode: theme });
  }, scheme));
  for (const scheme of schemes) {
    await paint(scheme);
    const violations = await tab.evaluate(async (asked) => {
      const putBack = globalThis.setAside();
      const result = await globalThis.axe.run(document, { runOnly: asked, resultTypes: ["violations"] });
      putBack();
      return result.violations.map((one) => [one.id, one.nodes.slice(0, 4).map((node) => node.target.join(" "))]);
    }, runOnly);
    for (const [rule, places] of violations) found[`${name} ${scheme} ${rule}`] = places;
  }
  await paint("light");
  return found;
};

// Whether menu (primary) and contents (secondary) are seen: before, after a first and after a second act.
const tap = async ({ tab }, width) => {
  const found = {};
  for (const side of ["primary", "secondary"]) {
    const isSeen = () => tab.evaluate((name) => {
      const box = document.querySelector(`#pst-${name}-sidebar, #pst-${name}-sidebar-modal[open] .bd-sidebar-${name}`);
      const places = [box, ...document.querySelectorAll(`#pst-${name}-sidebar-modal[open]`)].filter(Boolean);
      return places.some((place) => {
        const at = place.getBoundingClientRect();
        return at.width > 40 && at.right > 20 && at.left < innerWidth - 20 && getComputedStyle(place).visibility !== "hidden";
      });
    }, side);
    const states = [await isSeen()];
    for (const act of ["first", "second"]) {
      let tapped = false;
      // What lies over the page keeps a tap from its button for ever; else only a slow machine does.
      const timeout = (await tab.$(`#pst-${side}-sidebar-modal[open]`)) ? 400 : 5000;
      for (const candidate of await tab.$$(`.${side}-toggle`)) {
        if (!(await candidate.isVisible())) continue;
        const touch = width < 1000 ? candidate.tap({ timeout }) : candidate.click({ timeout });
        tapped = await touch.then(() => true, () => false);
        if (tapped) break;
      }
      // What lies over the page is closed by a tap beside it.
      const over = !tapped && (await tab.$(`#pst-${side}-sidebar-modal[open]`));
      if (over) {
        const at = await over.boundingBox();
        tapped = true;
        await tab.touchscreen.tap(side === "primary" ? (at.x + at.width + width) / 2 : at.x / 2, 400);
      }
      let state = await isSeen();
      for (let waited = 0; tapped && state === states.at(-1) && waited < 60; waited += 1) {
        await tab.waitForTimeout(50);
        state = await isSeen();
      }
      states.push(state);
    }
    found[`${side} ${width}`] = states;
  }
  return found;
};

// Shapes of pictures that are black on a dark page: a drawing leaves black out, and the page has to say it.
const darken = async ({ tab }) => {
  await tab.evaluate(() => { document.documentElement.dataset.theme = "dark"; });
  const found = await tab.evaluate(() => [...document.querySelectorAll("article svg.picture :is(path, use, text)")]
    .filter((shape) => !shape.closest("defs, clipPath") && getComputedStyle(shape).fill === "rgb(0, 0, 0)")
    .map((shape) => shape.closest("figure")?.id ?? ""));
  await tab.evaluate(() => { document.documentElement.dataset.theme = "light"; });
  return [...new Set(found)];
};

// Whether the title is seen on paper, where the theme hides it.
const print = async ({ tab }) => {
  await tab.emulateMedia({ media: "print" });
  const seen = await tab.evaluate(() => (document.querySelector("article h1")?.getBoundingClientRect().height ?? 1) > 0);
  await tab.emulateMedia({ media: "screen" });
  return seen;
};

const desk = await open(1280, 900), phone = await open(390, 844);
const browse = async (page) => {
  const answer = { reflow: {}, unfolded: {}, axe: {}, taps: {} };
  const started = performance.now();
  await visit(desk, page);
  answer.load = await weigh(desk);
  answer.files = Object.fromEntries(desk.seen.requests.map((address) => {
    const path = decodeURIComponent(new URL(address, origin).pathname).slice(1);
    return [path, serve(path)?.hash ?? ""];
  }));
  answer.reflow[1280] = await measure(desk);
  Object.assign(answer.axe, await check(desk, "1280"));
  Object.assign(answer.taps, await tap(desk, 1280));
  answer.black = await darken(desk);
  answer.titled = await print(desk);
  await visit(phone, page);
  answer.reflow[390] = await measure(phone);
  Object.assign(answer.axe, await check(phone, "390"));
  Object.assign(answer.taps, await tap(phone, 390));
  await resize(phone.tab, 768, 1024);
  Object.assign(answer.taps, await tap(phone, 768));
  await resize(phone.tab, 320, 844);
  answer.reflow[320] = await measure(phone);
  Object.assign(answer.axe, await check(phone, "320"));
  // Unfolded, what was hidden: its make-up on the narrow page, its colours in the dark on the wide one;
  // and the words of its pictures, which a frame makes narrower.
  await unfold(phone);
  answer.unfolded[320] = await measure(phone);
  Object.assign(answer.axe, await check(phone, "320 unfolded", ["light"]));
  await resize(phone.tab, 390, 844);
  answer.unfolded[390] = await measure(phone);
  await unfold(desk);
  answer.unfolded[1280] = await measure(desk);
  Object.assign(answer.axe, await check(desk, "1280 unfolded", ["dark"], { type: "rule", values: ["color-contrast", "link-in-text-block"] }));
  answer.load.errors = [...new Set([...desk.seen.errors, ...phone.seen.errors])];
  answer.load.foreign = [...new Set([...desk.seen.foreign, ...phone.seen.foreign])];
  answer.seconds = Math.round((performance.now() - started) / 100) / 10;
  return answer;
};

for await (const page of createInterface({ input: process.stdin })) {
  const answer = await browse(page).catch((error) => ({ failed: String(error) }));
  console.log(JSON.stringify({ page, ...answer }));
}
await browser.close();
server.close();
