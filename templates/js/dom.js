// Building and finding elements. Text is always text: nothing here parses HTML.

export const byId = (id) => document.getElementById(id);

function set(element, name, value) {
  if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
  else if (value === true) element.setAttribute(name, "");
  else if (value !== false && value !== undefined) element.setAttribute(name, value);
}

// h("article.card", { "data-status": "new" }, "text", [more, elements], false)
export function h(selector, attributes = {}, ...children) {
  const [tag, ...classes] = selector.split(".");
  const element = document.createElement(tag);
  if (classes.length) element.className = classes.join(" ");
  for (const [name, value] of Object.entries(attributes)) set(element, name, value);
  element.append(...children.flat().filter((child) => child !== false && child !== undefined && child !== ""));
  return element;
}

const SVG = "http://www.w3.org/2000/svg";

export function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

export const icon = (name) =>
  svg("svg", { class: "icon", "aria-hidden": "true" }, svg("use", { href: `#icon-${name}` }));

export const capitalise = (word) => word[0].toUpperCase() + word.slice(1);

export const badge = (status) => h("span.badge", { "data-status": status }, icon(status), capitalise(status));

export const warningList = (texts) =>
  texts ? h("ul.warnings", {}, texts.map((text) => h("li", {}, icon("warning"), h("span", {}, text)))) : "";

export const press = (button, pressed) => button.setAttribute("aria-pressed", String(pressed));

export const counted = (count, one, many = `${one}s`) => `${count.toLocaleString("en")} ${count === 1 ? one : many}`;
