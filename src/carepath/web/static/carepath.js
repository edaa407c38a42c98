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

  /* Long work says that it goes on. Coming back by the browser's history, the button is itself again. */
  for (const busy of document.querySelectorAll("form[data-busy]")) {
    const button = busy.querySelector("button"), words = button.textContent;
    busy.addEventListener("submit", () => { setTimeout(() => { button.textContent = busy.dataset.busy; button.disabled = true; }); });
    window.addEventListener("pageshow", () => { button.textContent = words; button.disabled = false; });
  }

  const form = document.querySelector("form[data-autosave]");
  if (!form) return;
  const state = form.querySelector("[data-save-state]"), crisis = document.querySelector("[data-crisis]");
  let timer = null, running = false, again = false, stopped = false;

  /* Only what came or went is touched: what somebody is typing in stays, and so does the focus. */
  const swap = (html) => {
    const fresh = new DOMParser().parseFromString(html, "text/html");
    const above = (one) => one.parentElement.closest(".question");
    const before = (one) => { let near = one.previousElementSibling; while (near && !near.matches(".question")) near = near.previousElementSibling; return near; };
    const wanted = [...fresh.querySelectorAll(".question")].map((one) => ({ one, after: before(one)?.id, inside: above(one)?.id }));
    const ids = new Set(wanted.map(({ one }) => one.id));
    for (const one of form.querySelectorAll(".question")) if (!ids.has(one.id) && !one.contains(document.activeElement)) one.remove();
    for (const { one, after, inside } of wanted) {
      if (document.getElementById(one.id)) continue;
      const level = inside ? document.getElementById(inside) : form;
      const first = [...level.querySelectorAll(".question")].find((other) => (above(other)?.id) === inside);
      if (after) document.getElementById(after).after(one);
      else if (first) first.before(one);
      else (level.querySelector(".question-group") || level).append(one);
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
