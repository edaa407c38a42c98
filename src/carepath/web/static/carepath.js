/* Makes pages more comfortable; every page works without it. */
"use strict";
(() => {
  const focus = document.querySelector("[data-focus]");
  if (focus) focus.focus();

  /* The server says how many seconds are left: the device's own clock may be wrong. */
  for (const place of document.querySelectorAll("[data-seconds]")) {
    const end = performance.now() + Number(place.dataset.seconds) * 1000, clock = place.querySelector("[data-clock]");
    const tick = () => {
      const left = Math.floor((end - performance.now()) / 1000);
      if (left <= 0) { place.textContent = place.dataset.over; place.classList.add("over"); return; }
      clock.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")} ${place.dataset.left}`;
      setTimeout(tick, 1000);
    };
    tick();
  }

  for (const choice of document.querySelectorAll("select[data-zone-guess]")) {
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    if (!choice.value && [...choice.options].some((option) => option.value === zone)) choice.value = zone;
  }

  for (const button of document.querySelectorAll("[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }

  const form = document.querySelector("form[data-autosave]");
  if (!form) return;
  const state = form.querySelector("[data-save-state]"), crisis = document.querySelector("[data-crisis]");
  let timer = null, running = false, again = false, stopped = false;

  const swap = (html) => {
    const fresh = new DOMParser().parseFromString(html, "text/html");
    const wanted = [...fresh.querySelectorAll(".question")];
    const known = new Map([...form.querySelectorAll(".question")].map((one) => [one.id, one]));
    const ids = new Set(wanted.map((one) => one.id));
    for (const [id, one] of known) if (!ids.has(id) && !one.contains(document.activeElement)) one.remove();
    let before = null;
    for (const one of wanted) {
      if (!known.has(one.id)) {
        if (before) before.after(one); else form.querySelector(".question").before(one);
        before = one;
      } else before = known.get(one.id);
    }
    const shown = fresh.querySelector("[name=shown]");
    if (shown) form.elements.shown.value = shown.value;
  };

  const save = async () => {
    if (stopped) return;
    if (running) { again = true; return; }
    running = true;
    try {
      const answer = await fetch(form.dataset.autosave, {
        method: "POST", headers: { Accept: "application/json" }, body: new URLSearchParams(new FormData(form)),
      });
      const body = await answer.json();
      if (body.conflict) stopped = true;
      if (body.saved) form.elements.revision.value = body.revision;
      if (body.words) state.textContent = body.words;
      if (body.html) swap(body.html);
      if (body.urgent && body.urgent.length && crisis) {
        crisis.querySelector("[data-crisis-words]").textContent = body.urgent.join(" ");
        if (crisis.hidden) { crisis.hidden = false; crisis.querySelector("h2").focus(); }
      }
    } catch (error) {
      state.textContent = "";
    }
    running = false;
    if (again) { again = false; save(); }
  };

  const soon = (wait) => { clearTimeout(timer); timer = setTimeout(save, wait); };
  form.addEventListener("change", () => soon(150));
  form.addEventListener("input", (event) => { if (event.target.matches("textarea, input[type=text]")) soon(800); });
  form.addEventListener("submit", () => { clearTimeout(timer); stopped = true; });
})();
