// Small help for pages that work without it: drafts, steppers, picture previews, following long work.
(() => {
  "use strict";
  const all = (selector, root) => Array.from((root || document).querySelectorAll(selector));

  // Drafts: what was typed stays in this browser until it is sent. Secrets and files are never kept.
  function keepDraft(form) {
    // A village agent's phone holds drafts for several farmers; each sees only their own.
    const owner = document.documentElement.dataset.owner || "";
    const key = ["draft", owner, location.pathname, form.dataset.draft].join(":");
    const said = form.querySelector("[data-draft-said]");
    const fields = () => all("input[name], select[name], textarea[name]", form).filter(
      (field) => !["hidden", "password", "file", "submit"].includes(field.type));
    try {
      const kept = JSON.parse(localStorage.getItem(key) || "null");
      // A page that comes back with errors shows what was sent; that is newer than the draft.
      if (kept && !form.querySelector(".summary")) {
        for (const field of fields()) {
          const values = kept[field.name];
          if (!values) continue;
          if (field.type === "checkbox" || field.type === "radio") field.checked = values.includes(field.value);
          else field.value = values[0];
        }
        if (said) said.textContent = said.dataset.draftSaid;
      }
    } catch (error) { localStorage.removeItem(key); }
    form.addEventListener("input", () => {
      const kept = {};
      for (const field of fields()) {
        const list = kept[field.name] || (kept[field.name] = []);
        if ((field.type !== "checkbox" && field.type !== "radio") || field.checked) list.push(field.value);
      }
      try {
        localStorage.setItem(key, JSON.stringify(kept));
        if (said) said.textContent = said.dataset.draftSaid;
      } catch (error) { /* A full or forbidden storage only means that nothing is kept. */ }
    });
    form.addEventListener("submit", () => sessionStorage.setItem("sent", key));
  }

  // The draft goes once the next page has come without errors.
  function dropSentDraft() {
    const key = sessionStorage.getItem("sent");
    if (!key) return;
    sessionStorage.removeItem("sent");
    if (!document.querySelector(".summary, .trouble")) localStorage.removeItem(key);
  }

  function step(button) {
    const field = document.getElementById(button.getAttribute("aria-controls"));
    const wanted = (Number(field.value) || 0) + Number(button.dataset.step);
    field.value = Math.min(Number(field.max), Math.max(Number(field.min), wanted));
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }

  function preview(box) {
    const shown = box.querySelector(".previews");
    box.addEventListener("change", (event) => {
      all("img", shown).forEach((image) => URL.revokeObjectURL(image.src));
      shown.replaceChildren(...Array.from(event.target.files || []).slice(0, 9).map((file) => {
        const image = document.createElement("img");
        image.src = URL.createObjectURL(file);
        image.alt = "";
        return image;
      }));
    });
  }

  async function follow(card) {
    const bar = card.querySelector("progress");
    const doing = card.querySelector("[data-doing]");
    const numbers = card.querySelector("[data-numbers]");
    let wait = 1000;
    for (;;) {
      await new Promise((resume) => setTimeout(resume, wait));
      if (document.hidden) continue;
      let answer;
      try {
        const response = await fetch(card.dataset.poll, { headers: { Accept: "application/json" } });
        if (!response.ok) throw new Error(String(response.status));
        answer = await response.json();
      } catch (error) { wait = Math.min(wait * 2, 30000); continue; }
      wait = 2000;
      if (answer.state !== "running") {
        if (answer.done_url) location.assign(answer.done_url); else location.reload();
        return;
      }
      if (typeof answer.done_bp === "number") bar.value = answer.done_bp; else bar.removeAttribute("value");
      if (doing.textContent !== answer.doing) doing.textContent = answer.doing || "";
      numbers.replaceChildren(...(answer.numbers || []).flatMap(([label, text]) => {
        const name = document.createElement("dt");
        const value = document.createElement("dd");
        name.textContent = label;
        value.textContent = text;
        return [name, value];
      }));
    }
  }

  document.documentElement.classList.add("with-script");
  dropSentDraft();
  all("form[data-draft]").forEach(keepDraft);
  all("[data-preview]").forEach(preview);
  all("[data-poll]").forEach(follow);
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-step]");
    if (button) step(button);
  });
  document.addEventListener("change", (event) => {
    const name = event.target.dataset && event.target.dataset.selectAll;
    if (name) all('input[type="checkbox"]').filter((box) => box.name === name).forEach((box) => { box.checked = event.target.checked; });
  });
  // One press is enough: the second does nothing while the first is on its way.
  document.addEventListener("submit", (event) => {
    if (event.target.dataset.sent) { event.preventDefault(); return; }
    if (event.target.method !== "post") return;
    event.target.dataset.sent = "1";
    setTimeout(() => delete event.target.dataset.sent, 10000);
  });
  window.addEventListener("pageshow", () => all("form[data-sent]").forEach((form) => delete form.dataset.sent));
})();
