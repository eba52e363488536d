"use strict";
(() => {
  const body = document.body;
  const head = JSON.parse(body.dataset.head);
  const byId = (id) => document.getElementById(id);
  const texts = [...document.querySelectorAll("li[data-ids]")].map((element) => ({
    element,
    group: element.closest(".group"),
    ids: JSON.parse(element.dataset.ids),
    answer: element.dataset.answer,
    most: Number(element.closest(".group").dataset.max),
  }));
  const total = texts.reduce((sum, text) => sum + text.ids.length, 0);
  let given = {};       // by id: what was decided
  let done = [];        // what each decision replaced, so that it can be taken back
  let downloaded = "";  // what the last file held

  const key = (text) => text.ids[0];
  const isOut = (text) => text.element.classList.contains("is-out");
  const shownPoints = (points) => `${points} ${points === 1 ? "point" : "points"}`;

  function complain(message) {
    byId("problem").hidden = !message;
    byId("problem").textContent = message;
  }

  function keep() {
    try {
      localStorage.setItem(body.dataset.storage, JSON.stringify({ given, done }));
    } catch {
      complain("This browser keeps nothing for this page: download your decisions before you close it.");
    }
  }

  function decide(chosen, points, comment) {
    const before = {};
    for (const text of chosen) {
      before[key(text)] = given[key(text)] ?? null;
      given[key(text)] = { points, comment };
    }
    done.push(before);
    keep();
    show();
  }

  function undo() {
    for (const [id, before] of Object.entries(done.pop() ?? {})) {
      if (before === null) delete given[id];
      else given[id] = before;
    }
    keep();
    show();
  }

  function decisions() {
    const rows = [];
    for (const text of texts) {
      const decision = given[key(text)];
      if (!decision) continue;
      for (const id of text.ids) {
        rows.push({ id, answer: text.answer, points: decision.points, comment: decision.comment });
      }
    }
    return rows;
  }

  function show() {
    for (const text of texts) {
      const decision = given[key(text)];
      const line = text.element.querySelector(".given");
      line.hidden = !decision;
      if (decision) line.textContent = `Given: ${shownPoints(decision.points)}${decision.comment ? `. ${decision.comment}` : ""}`;
    }
    for (const group of document.querySelectorAll(".group")) {
      const own = texts.filter((text) => text.group === group);
      const left = own.filter((text) => !isOut(text));
      const decided = own.every((text) => given[key(text)]);
      group.classList.toggle("decided", decided);
      group.hidden = decided && byId("open").checked;
      group.querySelector(".whole").hidden = left.length === 0;
      group.querySelector(".number").textContent = `${left.length} ${left.length === 1 ? "text" : "texts"}`;
    }
    const rows = decisions();
    const saved = JSON.stringify(rows) === downloaded;
    byId("status").textContent = `${rows.length} of ${total} decided${rows.length && !saved ? ", not downloaded yet" : ""}`;
    byId("undo").disabled = done.length === 0;
    byId("download").disabled = rows.length === 0;
  }

  function submitted(form, chosen) {
    const points = Number(form.querySelector(".points").value);
    const most = chosen[0].most;
    if (form.querySelector(".points").value === "" || !(points >= 0 && points <= most)) {
      complain(`Points must be from 0 to ${most}.`);
      return;
    }
    complain("");
    decide(chosen, points, form.querySelector(".comment").value.trim());
    const after = texts.indexOf(chosen.at(-1)) + 1;
    const next = [...texts.slice(after), ...texts.slice(0, after)].find((text) => !given[key(text)] && !isOut(text));
    if (next) next.group.querySelector(".whole .points").focus({ preventScroll: true });
    if (next && next.group !== chosen[0].group) next.group.scrollIntoView({ block: "start" });
  }

  for (const text of texts) {
    const box = text.element.querySelector(".out input");
    if (!box) continue;
    const form = text.element.querySelector(".alone");
    box.addEventListener("change", () => {
      text.element.classList.toggle("is-out", box.checked);
      form.hidden = !box.checked;
      show();
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      submitted(form, [text]);
    });
  }
  for (const form of document.querySelectorAll(".whole")) {
    const group = form.closest(".group");
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      submitted(form, texts.filter((text) => text.group === group && !isOut(text)));
    });
    form.querySelector(".suggested")?.addEventListener("click", (event) => {
      form.querySelector(".points").value = event.target.value;
      form.requestSubmit();
    });
  }
  byId("undo").addEventListener("click", undo);
  byId("open").addEventListener("change", show);
  byId("download").addEventListener("click", () => {
    const rows = decisions();
    const file = new Blob([`${JSON.stringify({ ...head, decisions: rows }, null, 1)}\n`], { type: "application/json" });
    const link = document.createElement("a");
    link.href = URL.createObjectURL(file);
    link.download = `decisions-${head.by.replace(/[^A-Za-z0-9]+/g, "-")}.json`;
    link.click();
    URL.revokeObjectURL(link.href);
    downloaded = JSON.stringify(rows);
    show();
  });
  byId("load").addEventListener("change", async (event) => {
    const [file] = event.target.files;
    event.target.value = "";
    if (!file) return;
    let rows;
    try {
      const data = JSON.parse(await file.text());
      if (data.format !== head.format || data.course !== head.course || data.by !== head.by) throw new Error();
      rows = new Map(data.decisions.map((row) => [`${row.id} ${row.answer}`, row]));
    } catch {
      complain(`This is not a file of decisions of ${head.by} for this course.`);
      return;
    }
    const before = {};
    let found = 0;
    for (const text of texts) {
      const row = rows.get(`${key(text)} ${text.answer}`);
      if (!row || !(Number(row.points) >= 0 && Number(row.points) <= text.most)) continue;
      before[key(text)] = given[key(text)] ?? null;
      given[key(text)] = { points: Number(row.points), comment: String(row.comment) };
      found += text.ids.length;
    }
    complain(found ? "" : "The file has no decision on a text of this page.");
    if (found) done.push(before);
    keep();
    show();
  });

  try {
    const kept = JSON.parse(localStorage.getItem(body.dataset.storage));
    if (kept) ({ given, done } = kept);
  } catch {
    // Nothing usable is kept: begin anew.
  }
  show();
})();
