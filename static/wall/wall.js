/**
 * A wall screen: contests one after the other, kept up to date, for months without a
 * hand on it. Plain script, since the page is public and loads nothing of Odoo.
 *
 * What was last heard stays on the screen when the network is gone; a link that was
 * closed clears it.
 */
(() => {
    "use strict";

    const REFRESH = 15_000;
    // A closed link is asked for seldom: somebody may open it again.
    const ASK_CLOSED = 300_000;
    const NEWS = 9_000;
    const PODIUM = 3;
    const LINES = 6;
    const COLORS = ["#e3b94a", "#5aa2e6", "#43b581", "#e07b4c", "#a98be0"];

    const root = document.getElementById("wall");
    const base = window.location.pathname.replace(/\/+$/, "");
    const language = document.documentElement.lang || "en";
    const number = new Intl.NumberFormat(language, { maximumFractionDigits: 1 });
    const stillness = window.matchMedia("(prefers-reduced-motion: reduce)");

    let wall = null;
    let slides = [];
    let place = 0;
    let shownAt = 0;
    let updatedAt = null;
    let isOffline = false;
    const toldNews = new Set();

    // === ELEMENTS === //

    function make(tag, className, ...children) {
        const element = document.createElement(tag);
        element.className = className;
        element.append(...children.filter((child) => child !== null));
        return element;
    }

    /** A sentence that stands in the page, since it is needed without any data. */
    function said(id) {
        return make("p", "nothing", document.getElementById(id).textContent);
    }

    function face({ photo, name }) {
        const initials = (name || "·")
            .split(/\s+/)
            .map((word) => [...word][0] || "")
            .slice(0, 2)
            .join("");
        const holder = make("span", "face", initials);
        if (photo) {
            const image = document.createElement("img");
            image.alt = "";
            image.addEventListener("error", () => image.remove());
            image.src = `${base}/photo/${photo}`;
            holder.append(image);
        }
        return holder;
    }

    function moved(change) {
        if (!change) {
            return null;
        }
        const way = change > 0 ? "up" : "down";
        return make("span", `moved ${way}`, `${change > 0 ? "▲" : "▼"} ${Math.abs(change)}`);
    }

    function score(value) {
        return make("span", "score", number.format(value || 0));
    }

    function step(row, index) {
        const element = make(
            "li",
            `step step_${index + 1} rank_${row.rank}`,
            face(row),
            make("span", "name", row.name || wall.labels.participant),
            score(row.score),
            moved(row.change),
            make("span", "block", String(row.rank))
        );
        element.dataset.row = row.key;
        return element;
    }

    function line(row) {
        const element = make(
            "li",
            "line",
            make("span", "rank", row.rank ? String(row.rank) : "–"),
            face(row),
            make("span", "name", row.name || wall.labels.participant),
            moved(row.change) || make("span", "moved"),
            score(row.score)
        );
        element.dataset.row = row.key;
        return element;
    }

    // === SLIDES === //

    /** One for each handful of a contest, so that nothing has to be scrolled. */
    function slidesOf(contest) {
        const seen = new Map();
        const rows = contest.rows.map((row) => {
            const text = `${row.name}|${row.photo || ""}`;
            const count = seen.get(text) || 0;
            seen.set(text, count + 1);
            return { ...row, key: `${text}#${count}` };
        });
        const first = rows.slice(0, PODIUM).filter((row) => row.rank && row.rank <= PODIUM);
        const rest = rows.slice(first.length);
        const pages = [];
        do {
            pages.push({ contest, first, lines: rest.splice(0, LINES) });
        } while (rest.length);
        return pages;
    }

    function places() {
        const found = new Map();
        for (const element of root.querySelectorAll("[data-row]")) {
            found.set(element.dataset.row, element.getBoundingClientRect());
        }
        return found;
    }

    function glide(before) {
        for (const element of root.querySelectorAll("[data-row]")) {
            const was = before.get(element.dataset.row);
            const is = element.getBoundingClientRect();
            if (was && Math.abs(was.top - is.top) + Math.abs(was.left - is.left) > 2) {
                const from = `translate(${was.left - is.left}px, ${was.top - is.top}px)`;
                element.animate([{ transform: from }, { transform: "none" }], {
                    duration: 1200,
                    easing: "cubic-bezier(0.2, 0.8, 0.2, 1)",
                });
            }
        }
    }

    function body({ contest, first, lines }) {
        if (!contest.rows.length) {
            return make("p", "nothing", wall.labels.nobody);
        }
        const podium = make("ol", `podium steps_${first.length}`, ...first.map(step));
        const list = make("ol", "lines", ...lines.map(line));
        const wide = first.length && lines.length ? "two" : "one";
        return make(
            "div",
            `standing ${wide}`,
            ...(first.length ? [podium] : []),
            ...(lines.length ? [list] : [])
        );
    }

    function show(isSame = false) {
        const slide = slides[place];
        const before = isSame && !stillness.matches ? places() : null;
        if (!slide) {
            root.replaceChildren(make("p", "nothing", wall ? wall.labels.none : ""));
        } else {
            const { contest } = slide;
            const prizes = contest.prizes.map((text) => make("span", "prize", text));
            root.replaceChildren(
                make(
                    "header",
                    "",
                    make("h1", "", contest.name),
                    make("span", "time", contest.time)
                ),
                body(slide),
                make("div", "prizes", ...prizes)
            );
        }
        root.append(footer());
        document.body.classList.toggle("offline", isOffline);
        if (before) {
            glide(before);
        }
    }

    function footer() {
        const dots = slides.length > 1 ? slides.map((_slide, i) => dot(i)) : [];
        const time = updatedAt?.toLocaleTimeString(language, {
            hour: "2-digit",
            minute: "2-digit",
        });
        const words = wall && (isOffline ? wall.labels.offline : wall.labels.updated);
        return make(
            "footer",
            "",
            make("span", "company", wall ? wall.company : ""),
            make("span", "dots", ...dots),
            make("span", "updated", wall ? `${words} ${time}` : "")
        );
    }

    function dot(index) {
        return make("span", index === place ? "dot now" : "dot");
    }

    function go(step) {
        if (slides.length) {
            place = (place + step + slides.length) % slides.length;
        }
        shownAt = Date.now();
        show();
    }

    // === NEWS === //

    function tell(news) {
        for (const { key, text } of news) {
            if (!toldNews.has(key)) {
                toldNews.add(key);
                announce(text);
            }
        }
    }

    function announce(text) {
        const banner = make("div", "news", make("span", "text", text));
        banner.setAttribute("role", "status");
        if (!stillness.matches) {
            banner.append(...Array.from({ length: 40 }, (_, i) => paper(i)));
        }
        document.body.append(banner);
        window.setTimeout(() => banner.remove(), NEWS);
    }

    function paper(index) {
        const piece = make("i", "");
        piece.style.left = `${Math.random() * 100}%`;
        piece.style.background = COLORS[index % COLORS.length];
        piece.style.animationDelay = `${Math.random() * 1.5}s`;
        return piece;
    }

    // === DATA === //

    function take(data) {
        const isFirst = !wall;
        const key = JSON.stringify(slides[place]?.contest.name);
        wall = data;
        updatedAt = new Date();
        isOffline = false;
        document.title = data.title;
        slides = data.contests.flatMap(slidesOf);
        place = Math.min(place, Math.max(slides.length - 1, 0));
        show(key === JSON.stringify(slides[place]?.contest.name));
        if (isFirst) {
            data.news.forEach((item) => toldNews.add(item.key));
        }
        tell(data.news);
    }

    function close() {
        wall = null;
        slides = [];
        root.replaceChildren(said("closed"));
    }

    async function refresh() {
        let wait = REFRESH;
        try {
            const answer = await fetch(`${base}/data`, { cache: "no-store" });
            if (answer.status === 404) {
                close();
                wait = ASK_CLOSED;
            } else if (answer.ok) {
                take(await answer.json());
            } else {
                throw new Error(answer.statusText);
            }
        } catch {
            isOffline = true;
            if (wall) {
                show(true);
            } else {
                root.replaceChildren(said("offline"));
            }
        }
        window.setTimeout(refresh, wait);
    }

    async function stayAwake() {
        try {
            await navigator.wakeLock?.request("screen");
        } catch {
            // Not every screen can be kept awake from here.
        }
    }

    window.setInterval(() => {
        if (wall && slides.length > 1 && Date.now() - shownAt >= wall.seconds * 1000) {
            go(1);
        }
    }, 500);
    window.addEventListener("online", refresh);
    document.addEventListener("visibilitychange", stayAwake);
    document.addEventListener("keydown", (event) => {
        if (event.key === "ArrowRight" || event.key === "ArrowLeft") {
            go(event.key === "ArrowRight" ? 1 : -1);
        } else if (event.key === "f") {
            document.documentElement.requestFullscreen?.();
        }
    });
    document.addEventListener("dblclick", () => {
        document.documentElement.requestFullscreen?.();
    });
    stayAwake();
    shownAt = Date.now();
    refresh();
})();
